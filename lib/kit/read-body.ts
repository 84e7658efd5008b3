/** The body as text, or null when it is larger than `maxBytes`: reading stops there. */
export const readBody = async (request: Request, maxBytes: number): Promise<string | null> => (await readBodyBytes(request, maxBytes))?.toString("utf8") ?? null;

/** The same as bytes. */
export async function readBodyBytes(request: Request, maxBytes: number): Promise<Buffer<ArrayBuffer> | null> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return null;
  if (!request.body) return Buffer.alloc(0);
  const reader = request.body.getReader();
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
  return Buffer.concat(parts, size);
}

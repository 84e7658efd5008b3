/** The client's address: only a trusted proxy in front may say it, else anybody could write the header (TRUST_PROXY=1). */
export const clientAddress = (headers: { get(name: string): string | null }): string | null =>
  process.env["TRUST_PROXY"] === "1" ? (headers.get("x-real-ip")?.slice(0, 64) ?? null) : null;

import { lengthHeaders } from "@/lib/kit/body-length.ts";
import { readBody } from "@/lib/kit/read-body.ts";
import { receiveNotification } from "@/lib/payments/index.ts";
import { getContext } from "@/lib/runtime.ts";

const BODY_MAX = 64 * 1024;
/** Without a trusted proxy in front anybody can write this header. */
const trustsProxy = process.env["TRUST_PROXY"] === "1";

/** Where acquirers tell us about payments. The reply is the provider's own: anything else makes it repeat. */
export async function POST(request: Request, { params }: { params: Promise<{ door: string }> }): Promise<Response> {
  const body = await readBody(request, BODY_MAX);
  if (body === null) return new Response("too large", { status: 413 });
  const { door } = await params;
  const headers = Object.fromEntries(request.headers);
  const ip = trustsProxy ? (headers["x-real-ip"] ?? null) : null;
  const reply = await receiveNotification(await getContext(), door, { headers, body, ip });
  return new Response(reply.body, { status: reply.status, headers: { ...lengthHeaders(Buffer.byteLength(reply.body)), "content-type": reply.contentType } });
}

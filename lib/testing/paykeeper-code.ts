/**
 * 1C code that was written for PayKeeper, as bytes on a socket: what it really sends (fixtures/transcript-paykeeper.txt), not what an HTTP library
 * would make of it. Bodies are glued, not encoded; `send` reuses the headers of `preview`.
 */
import { connect } from "node:net";

export type CodeBill = { clientid: string; orderid: string; service_name: string; client_email: string; client_phone: string; expiry: string; pay_amount: string };
export type CodeAnswer = { status: number; headers: Record<string, string>; body: string };

export const tokenRequest = (authorization: string) => ({ head: ["GET /info/settings/token/ HTTP/1.1", `Authorization: ${authorization}`], body: "" });

export const previewRequest = (authorization: string, token: string, bill: CodeBill) => ({
  head: ["POST /change/invoice/preview/ HTTP/1.1", `Authorization: ${authorization}`, "Content-Type: application/x-www-form-urlencoded"],
  body: `token=${token}&clientid=${bill.clientid}&orderid=${bill.orderid}&service_name=${bill.service_name}&client_email=${bill.client_email}&client_phone=${bill.client_phone}&expiry=${bill.expiry}&pay_amount=${bill.pay_amount}`,
});

export const sendRequest = (authorization: string, token: string, id: string, contentType: string | null = "application/x-www-form-urlencoded") => ({
  head: ["POST /change/invoice/send/ HTTP/1.1", `Authorization: ${authorization}`, ...(contentType === null ? [] : [`Content-Type: ${contentType}`])],
  body: `token=${token}&id=${id}`,
});

export const basic = (login: string, password: string): string => `Basic ${Buffer.from(`${login}:${password}`, "utf8").toString("base64")}`;

const LIMIT_MS = 15_000;

/** One request over a socket of its own; the answer as it came. */
export function speak(url: string, request: { head: string[]; body: string | Buffer }): Promise<CodeAnswer> {
  const { hostname, port } = new URL(url);
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.from(request.body, "utf8");
  const isPost = request.head[0]!.startsWith("POST");
  const head = [...request.head, `Host: ${hostname}:${port}`, ...(isPost ? [`Content-Length: ${body.length}`] : []), "Connection: close"];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const chunks: Buffer[] = [];
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error("no answer")));
    socket.on("error", reject);
    socket.on("data", (chunk: Buffer) => void chunks.push(chunk));
    socket.on("end", () => {
      socket.destroy();
      resolve(readAnswer(Buffer.concat(chunks)));
    });
    socket.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), body]));
  });
}

function readAnswer(bytes: Buffer): CodeAnswer {
  const gap = bytes.indexOf("\r\n\r\n");
  const [first = "", ...rest] = bytes.subarray(0, gap).toString("latin1").split("\r\n");
  const headers = Object.fromEntries(rest.map((line): [string, string] => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  return { status: Number(first.split(" ")[1]), headers, body: bytes.subarray(gap + 4).toString("utf8") };
}

/** The code's own loop: a token, then a bill and its letter for each order. What it would have shown to the manager is `told`. */
export async function runCode(url: string, authorization: string, bills: readonly CodeBill[]): Promise<{ ids: string[]; urls: string[]; told: string[] }> {
  const made = { ids: [] as string[], urls: [] as string[], told: [] as string[] };
  const token = (JSON.parse((await speak(url, tokenRequest(authorization))).body) as { token?: string; msg?: string }).token ?? "";
  for (const bill of bills) {
    const previewed = JSON.parse((await speak(url, previewRequest(authorization, token, bill))).body) as { result: string; msg: string; invoice_id: string; invoice_url: string };
    if (previewed.result === "fail") {
      made.told.push(previewed.msg);
      continue;
    }
    made.ids.push(previewed.invoice_id);
    made.urls.push(previewed.invoice_url);
    const sent = JSON.parse((await speak(url, sendRequest(authorization, token, previewed.invoice_id))).body) as { result: string; msg: string };
    if (sent.result === "fail") made.told.push(sent.msg);
  }
  return made;
}

/** Exact lengths of answers that Next would send in pieces (P7). */
import { createServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { BODY_LENGTH, lengthHeaders } from "./body-length.ts";
import { keepLengths } from "./keep-lengths.ts";

/** The headers that a caller sees, and the length of the body. */
async function answerOf(listener: RequestListener): Promise<{ headers: Headers; bytes: number }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return { headers: answer.headers, bytes: (await answer.arrayBuffer()).byteLength };
  } finally {
    server.close();
  }
}

test("P7: an answer written in pieces goes out with its exact length; a compressed one and one of unknown length do not", async () => {
  keepLengths();
  const body = Buffer.from("{\"msg\":\"принято\"}");
  // As Next does it: our headers without the length, the head at the first piece.
  const inPieces = (headers: Record<string, string>): RequestListener => (_request, response) => {
    for (const [name, value] of Object.entries(headers)) if (name !== "content-length") response.appendHeader(name, value);
    response.flushHeaders();
    response.write(body.subarray(0, 5));
    response.end(body.subarray(5));
  };
  const exact = await answerOf(inPieces(lengthHeaders(body.length)));
  expect(exact.headers.get("content-length")).toBe(String(body.length));
  expect(exact.headers.get("transfer-encoding")).toBeNull();
  expect(exact.headers.get(BODY_LENGTH)).toBeNull();
  expect(exact.bytes).toBe(body.length);

  const unknown = await answerOf(inPieces({}));
  expect([unknown.headers.get("content-length"), unknown.headers.get("transfer-encoding")]).toEqual([null, "chunked"]);
  const packed = await answerOf(inPieces({ ...lengthHeaders(body.length), "content-encoding": "identity" }));
  expect([packed.headers.get("content-length"), packed.headers.get(BODY_LENGTH)]).toEqual([null, null]);
});

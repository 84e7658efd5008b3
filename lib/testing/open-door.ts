import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

export type OpenDoor = { url: string; close(): Promise<void> };

/** Route functions of ours without Next: the same code behind a bare HTTP server. */
export async function openDoor(route: (request: Request) => Promise<Response>): Promise<OpenDoor> {
  const server = createServer((request, response) => {
    void (async () => {
      const headers = Object.entries(request.headers).flatMap(([name, value]): [string, string][] => (typeof value === "string" ? [[name, value]] : []));
      const hasBody = request.method !== "GET" && request.method !== "HEAD";
      const answer = await route(
        new Request(`http://${request.headers.host ?? "127.0.0.1"}${request.url ?? "/"}`, {
          method: request.method ?? "GET",
          headers,
          ...(hasBody && { body: Readable.toWeb(request) as unknown as ReadableStream<Uint8Array>, duplex: "half" }),
        } as RequestInit),
      );
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(Buffer.from(await answer.arrayBuffer()));
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

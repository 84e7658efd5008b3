import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Ctx } from "@/lib/context.ts";
import { receiveNotification } from "@/lib/payments/index.ts";

export type NotificationDoor = {
  /** Where a bank sends for the connection with this door. */
  address(door: string): string;
  /** While false the door answers 503, as if we were down. */
  open: boolean;
  /** Messages that came, with our answers. */
  log: { body: string; status: number; reply: string }[];
  close(): Promise<void>;
};

/** Our notification address without Next: the same verb behind a bare HTTP server. */
export async function openNotificationDoor(ctx: Ctx): Promise<NotificationDoor> {
  const state: NotificationDoor = {
    open: true,
    log: [],
    address: (door) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${door}`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString("utf8");
      if (!state.open) {
        response.writeHead(503).end();
        state.log.push({ body, status: 503, reply: "" });
        return;
      }
      const headers = Object.fromEntries(Object.entries(request.headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
      const reply = await receiveNotification(ctx, (request.url ?? "/").slice(1), { headers, body, ip: "127.0.0.1" });
      state.log.push({ body, status: reply.status, reply: reply.body });
      response.writeHead(reply.status, { "content-type": reply.contentType }).end(reply.body);
    })().catch((error: unknown) => {
      state.log.push({ body: String(error), status: 500, reply: "" });
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return state;
}

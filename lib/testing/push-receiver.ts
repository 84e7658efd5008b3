/** A server on this machine that plays the other side of push: an HTTP-сервис of 1C or the site of a shop. */
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { createConnection } from "@/lib/connections/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { newWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { anOrder } from "./an-order.ts";
import type { MadeOrder } from "./an-order.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { drainJobs } from "./drain-jobs.ts";
import { aSeller, aStore, anAcquirer } from "./factories.ts";

/** One request as it came. */
export type Taken = { path: string; headers: IncomingHttpHeaders; body: string; event: { key: string; order: { siteId: string } | null } };
type PushRow = { id: string; pushState: string; pushTries: number; pushNote: string | null; nextPushAt: Date | null };

export type PushedBase = {
  connectionId: string;
  bankId: string;
  pushSecret: string;
  order(): Promise<MadeOrder>;
  /** Its events, oldest first. */
  rows(): Promise<PushRow[]>;
};

export type PushReceiver = TestContext & {
  /** What came since `begin`, in its order. */
  taken: Taken[];
  /** What the receiver answers; null hangs up. `{"ok":true,…}` from `begin` on. */
  answer: (event: Taken) => { status: number; body: string; waitMs?: number } | null;
  /** The most calls that ever were open at one time since `begin`. */
  atOnceMax: number;
  /** Call in `beforeEach`. */
  begin(): Promise<void>;
  /** A base or a shop of its own that is told here. */
  aPushedBase(kind?: "onec" | "shop"): Promise<PushedBase>;
  exportOf(orderId: string): Promise<{ state: string; onecDocumentNumber: string | null } | undefined>;
  /** Keys of what was sent about an order; the janitor also wakes the receivers of other tests. */
  toldOf(orderId: string): string[];
  /** Runs the jobs that money and push have left. */
  runPushes(): Promise<unknown>;
};

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openPushReceiver(): Promise<PushReceiver> {
  let atOnce = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      const one: Taken = { path: request.url ?? "", headers: request.headers, body, event: JSON.parse(body) as Taken["event"] };
      receiver.taken.push(one);
      receiver.atOnceMax = Math.max(receiver.atOnceMax, ++atOnce);
      const said = receiver.answer(one);
      setTimeout(() => {
        atOnce -= 1;
        if (said) response.writeHead(said.status, { "content-type": "application/json" }).end(said.body);
        else request.socket.destroy();
      }, said?.waitMs ?? 0);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const t = await openTestContext();
  const { sql } = t.ctx.database;
  const yes: PushReceiver["answer"] = () => ({ status: 200, body: '{"ok":true,"number":"УТ00-000077"}' });
  const receiver: PushReceiver = {
    ...t,
    taken: [],
    answer: yes,
    atOnceMax: 0,
    async begin() {
      receiver.taken = [];
      receiver.atOnceMax = 0;
      receiver.answer = yes;
      await sql`delete from pgboss.job`;
    },
    async aPushedBase(kind = "onec") {
      const { sellerOrgId } = await aSeller(t);
      const { storeId } = await aStore(t, { sellerOrgId });
      const pushSecret = newWebhookSecret();
      const push = { url: `${url}/hs/kopeyka/events`, login: "site" };
      const { connectionId } = await createConnection(t.ctx, {
        kind, provider: kind === "onec" ? "commerceml" : "shop", name: kind === "onec" ? "УТ 11.5" : "Магазин на сайте", sellerOrgId: null, storeId, environment: "test",
        settings: { login: newId(), doors: ["json"], push }, secret: { password: "secret", pushPassword: "пароль", pushSecret },
      });
      const { connectionId: bankId } = await anAcquirer(t, { sellerOrgId });
      return {
        connectionId, bankId, pushSecret,
        async order() {
          const made = await anOrder(t, { sellerOrgId, storeId, ...(kind === "onec" && { onecId: connectionId }) });
          if (kind === "shop") await sql`update orders set shop_connection_id = ${connectionId} where id = ${made.orderId}`;
          return made;
        },
        rows: async () => [...(await sql<PushRow[]>`select id, push_state, push_tries, push_note, next_push_at from feed_events where connection_id = ${connectionId} order by insert_no`)],
      };
    },
    exportOf: async (orderId) => (await sql<{ state: string; onecDocumentNumber: string | null }[]>`select state, onec_document_number from export_messages where order_id = ${orderId}`)[0],
    toldOf: (orderId) => receiver.taken.filter(({ event }) => event.order?.siteId === orderId).map(({ event }) => event.key),
    runPushes: () => drainJobs(t, { only: ["money.captured", "feed.push"] }),
    async close() {
      await t.close();
      server.close();
    },
  };
  return receiver;
}

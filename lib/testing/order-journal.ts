/** Orders whose uploads leave rows in the journal and open conflicts (A9). */
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { setOwnContact } from "@/lib/orders/set-own-contact.ts";
import { recordTransfer } from "@/lib/payments/index.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { upload } from "./drafts.ts";
import type { aDraft } from "./drafts.ts";
import { aShop } from "./factories.ts";
import type { TestShop } from "./factories.ts";

type Message = { id: string; kind: string; result: string; summary: string; resultText: string | null; attempts: number; payload: string | null; orderId: string | null; diff: { field: string; before: string | null; after: string | null; owner: string }[]; objectGuid: string };
type Conflict = { id: string; field: string; state: string; ours: string | null; theirs: string | null; alertCode: string | null; messageId: string | null; repeats: number; amountKopecks: bigint | null; note: string };

export type OrderJournal = TestContext & {
  shop: TestShop;
  /** Rows about the document of this GUID, oldest first. */
  messagesOf(guid: string): Promise<Message[]>;
  /** Conflicts about the order, oldest first. */
  conflictsOf(orderId: string): Promise<Conflict[]>;
  /** 1C uploads the document; a second passes. Gives the order. */
  taken(draft: ReturnType<typeof aDraft>): Promise<string>;
  /** Money that a till has taken for the order. */
  pay(orderId: string, amountKopecks: bigint): Promise<void>;
  /** The buyer types a contact on the pay page. */
  type(orderId: string, contact: string): Promise<unknown>;
};

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openOrderJournal(): Promise<OrderJournal> {
  const t = await openTestContext();
  const { sql } = t.ctx.database;
  const shop = await aShop(t);
  return {
    ...t,
    shop,
    messagesOf: async (guid) => [...(await sql<Message[]>`select * from onec_messages where object_guid = ${guid} order by at, id`)],
    conflictsOf: async (orderId) => [...(await sql<Conflict[]>`select * from onec_conflicts where order_id = ${orderId} order by opened_at, id`)],
    async taken(draft) {
      const [result] = await upload(t, shop, draft);
      t.clock.advance(1_000);
      return result!.orderId!;
    },
    async pay(orderId, amountKopecks) {
      await inTransaction(t.ctx, async (tx) => {
        await recordTransfer(t.ctx, tx, await lockOrder(tx, orderId), { amountKopecks, method: "cash", documentKey: newId(), documentNumber: null, occurredAt: t.ctx.now(), fiscalOwner: "pos" });
      });
    },
    type: (orderId, contact) => inTransaction(t.ctx, async (tx) => setOwnContact({ ...t.ctx, actor: { kind: "buyer", ip: null } }, tx, await lockOrder(tx, orderId), contact)),
  };
}

/** Bases of 1C on the stock exchange with a bank, for tests of what they fetch and book of the money (commerceml.md 7 to 9). */
import { inTransaction } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import type { ExchangeAnswer } from "@/lib/onec/index.ts";
import { readOrderFile } from "@/lib/onec/wire/index.ts";
import type { OnecDocument } from "@/lib/onec/wire/index.ts";
import { saveMoney, withMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aDraft, upload } from "./drafts.ts";
import type { GivenDraft } from "./drafts.ts";
import { aShop, anAcquirer } from "./factories.ts";
import type { TestShop } from "./factories.ts";
import { onecClient } from "./onec-client.ts";
import type { OnecSession } from "./onec-client.ts";

export type FileBase = {
  shop: TestShop;
  login: string;
  bankId: string;
  onec: ReturnType<typeof onecClient>;
  /** `query` and `success` of a session; `extra` are more words of the address. */
  ask(session: OnecSession, extra?: string): Promise<ExchangeAnswer>;
  ok(session: OnecSession): Promise<ExchangeAnswer>;
  /** One session as УТ makes it, with its success; answers the text of `query`. */
  exchange(extra?: string): Promise<string>;
};

export type FileExchange = TestContext & {
  /** A base of its own. */
  aBase(onecSettings?: Record<string, unknown>): Promise<FileBase>;
  /** 1C uploads an order of 1 000.00. */
  anOrder(shop: TestShop, given?: GivenDraft): Promise<{ draft: ReturnType<typeof aDraft>; orderId: string }>;
  /** How the order's page shows its money, oldest first: the state of the export, or why it is by hand. */
  shown(orderId: string): Promise<string[]>;
  /** A refund, a chargeback or a reversal of the order's first payment. */
  undo(orderId: string, kind: FactKind, amountKopecks: bigint, bankId: string): Promise<void>;
  exportsOf(orderId: string): Promise<{ state: string; onecDocumentNumber: string | null }[]>;
  /** What the order's story says of exports, oldest first. */
  eventsOf(orderId: string): Promise<string[]>;
};

/** Whom the order's page is shown to. */
export const viewer = { storeId: null, seesBuyers: true } as Parameters<typeof readOrderPage>[1];

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openFileExchange(): Promise<FileExchange> {
  const t = await openTestContext();
  const { sql } = t.ctx.database;
  let bases = 0;
  return {
    ...t,
    async aBase(onecSettings = {}) {
      const login = `file-${++bases}`;
      const shop = await aShop(t, { login, onecSettings });
      const { connectionId: bankId } = await anAcquirer(t, shop);
      const onec = onecClient(t, login);
      const ask: FileBase["ask"] = (session, extra = "") => onec.call(`type=sale&mode=query${extra}`, { session });
      const ok: FileBase["ok"] = (session) => onec.call("type=sale&mode=success", { session });
      return {
        shop, login, bankId, onec, ask, ok,
        async exchange(extra = "") {
          const session = await onec.open();
          const { body } = await ask(session, extra);
          const { body: answer } = await ok(session);
          if (answer !== "success") throw new Error(`success was answered with ${answer}`);
          return body;
        },
      };
    },
    async anOrder(shop, given = {}) {
      const draft = aDraft({ totalKopecks: 100_000n, ...given });
      const [result] = await upload(t, shop, draft);
      return { draft, orderId: result!.orderId! };
    },
    async shown(orderId) {
      const page = await readOrderPage(t.ctx, viewer, orderId);
      return page!.exports.map((each) => (each.byHand === null ? each.state : `${each.byHand}`)).toReversed();
    },
    async undo(orderId, kind, amountKopecks, bankId) {
      await inTransaction(t.ctx, async (tx) => {
        const order = await lockOrder(tx, orderId);
        const [parent] = await tx<{ id: string }[]>`select f.id from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} and f.kind = 'payment_captured' order by f.recorded_at limit 1`;
        const fact = await recordFact(t.ctx, tx, {
          kind, amountKopecks, method: "card", connectionId: bankId, providerPaymentId: newId(), providerOperationId: newId(), parentFactId: parent!.id, occurredAt: t.ctx.now(), fiscalOwner: "none", isTest: order.isTest,
          allocations: [{ orderId, counterpartyId: order.counterpartyId, amountKopecks }],
        });
        const saved = await saveMoney(t.ctx, tx, withMoney(order, kind, amountKopecks), false);
        await t.ctx.announce(t.ctx, tx, { type: "money.undone", fact: fact!, order: saved });
      });
    },
    exportsOf: async (orderId) => [...(await sql<{ state: string; onecDocumentNumber: string | null }[]>`select state, onec_document_number from export_messages where order_id = ${orderId} order by seq`)],
    eventsOf: async (orderId) => (await sql<{ kind: string }[]>`select kind from order_events where order_id = ${orderId} and kind like 'export.%' order by at, id`).map((each) => each.kind),
  };
}

/** Documents of an answer to `query`. */
export async function documentsIn(xml: string): Promise<OnecDocument[]> {
  const all: OnecDocument[] = [];
  for await (const each of readOrderFile([Buffer.from(xml)])) all.push(each);
  return all;
}
export const numbersIn = async (xml: string) => (await documentsIn(xml)).map((document) => document.number);

/** Files of orders that bases of 1C upload by the stock exchange, and what became of them (commerceml.md 3 to 5). */
import { fixture } from "@/lib/onec/wire/fixtures/read-fixture.ts";
import { openTestContext } from "./context.ts";
import type { TestContext } from "./context.ts";
import { aShop } from "./factories.ts";
import type { TestShop } from "./factories.ts";
import { onecClient } from "./onec-client.ts";

type OrderRow = {
  number: string; totalKopecks: bigint; lifecycle: string; paymentStatus: string; isPosted: boolean; onecPaymentNumber: string | null; onecShipmentNumber: string | null; linesMatchTotal: boolean; payerKind: string;
};
type FileRow = { state: string; documentsDone: number; ordersTaken: number; failReason: string | null; pieceCount: number };

export type FileUploads = TestContext & {
  /** A base of its own: order numbers are per base. */
  aBase(onecSettings?: Record<string, unknown>): Promise<TestShop & { onec: ReturnType<typeof onecClient> }>;
  /** Orders of a shop's base, by number. */
  ordersOf(shop: TestShop): Promise<OrderRow[]>;
  /** Files of a shop's base, oldest first. */
  filesOf(shop: TestShop): Promise<FileRow[]>;
};

/** Call once per file in `beforeAll`; close in `afterAll`. */
export async function openFileUploads(): Promise<FileUploads> {
  const t = await openTestContext();
  const { sql } = t.ctx.database;
  let bases = 0;
  return {
    ...t,
    async aBase(onecSettings = {}) {
      const login = `base-${++bases}`;
      return { ...(await aShop(t, { login, onecSettings })), onec: onecClient(t, login) };
    },
    ordersOf: async (shop) => [...(await sql<OrderRow[]>`
      select number, total_kopecks, lifecycle, payment_status, is_posted, onec_payment_number, onec_shipment_number, lines_match_total, payer_kind from orders where onec_connection_id = ${shop.onecId} order by number`)],
    filesOf: async (shop) => [...(await sql<FileRow[]>`select state, documents_done, orders_taken, fail_reason, piece_count from onec_files where connection_id = ${shop.onecId} order by created_at, id`)],
  };
}

/** `count` orders of the individual's sample, each with its own number and GUIDs. */
export function manyOrders(count: number, from = 0): Buffer {
  const text = fixture("orders-ut11-individual.xml").toString("utf8").replace(/^\uFEFF/, "");
  const [start, end] = [text.indexOf("<Документ>"), text.indexOf("</Документ>") + "</Документ>".length];
  const documents = Array.from({ length: count }, (_, i) => text.slice(start, end).replace("c0ffee02", (0x10000000 + from + i).toString(16)).replace("S-10245", `M-${10_000 + from + i}`));
  return Buffer.from(text.slice(0, start) + documents.join("\n\t") + text.slice(end));
}

import type { PayerKind } from "@/db/schema/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { VatRate } from "@/lib/kit/vat.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";
import { ensureLink } from "@/lib/payments/index.ts";
import type { PaymentLink } from "@/lib/payments/index.ts";

export type GivenLine = { name: string; kind?: "goods" | "service"; quantity?: string; sumKopecks: bigint; vatRate?: VatRate };

/** Order E of domain 3.7: kettle 4 990.00 at 22 %, two books 1 291.00 at 10 %, delivery 350.00 at 22 %. Total 6 631.00. */
export const orderE: GivenLine[] = [
  { name: "Чайник заварочный «Ладога», 1,2 л", sumKopecks: 499_000n },
  { name: "Книга рецептов", quantity: "2", sumKopecks: 129_100n, vatRate: "vat10" },
  { name: "Доставка курьером", kind: "service", sumKopecks: 35_000n },
];

export type GivenOrder = {
  sellerOrgId: string;
  storeId: string;
  onecId?: string | null;
  lines?: GivenLine[];
  payerKind?: PayerKind;
  lifecycle?: Lifecycle;
  number?: string;
  linesMatchTotal?: boolean;
  isPosted?: boolean;
  /** False: of the live world; such an order has no test base. */
  isTest?: boolean;
  inn?: string;
};

export type MadeOrder = { orderId: string; number: string; totalKopecks: bigint; link: PaymentLink | null };

let counter = 0;

/** An order as the exchange leaves it, with its pay link. Rows of its own; the intake itself is tested where it lives. */
export async function anOrder({ ctx }: { ctx: Ctx }, given: GivenOrder): Promise<MadeOrder> {
  const lines = given.lines ?? orderE;
  const totalKopecks = lines.reduce((sum, line) => sum + line.sumKopecks, 0n);
  const orderId = newId();
  const revisionId = newId();
  const number = given.number ?? `S-${10_000 + ++counter}`;
  const now = ctx.now();
  const link = await inTransaction(ctx, async (tx) => {
    let counterpartyId: string | null = null;
    if (given.payerKind === "organization") {
      counterpartyId = newId();
      await tx`insert into counterparties (id, payer_kind, name, inn, created_at, updated_at) values (${counterpartyId}, 'organization', 'ООО «Вектор»', ${given.inn ?? "9900000024"}, ${now}, ${now})`;
    }
    await tx`
      insert into orders (id, seller_org_id, store_id, onec_connection_id, onec_guid, number, order_date, counterparty_id, payer_kind, buyer_name, lifecycle, is_posted, revision_no,
        content_hash, total_kopecks, lines_match_total, payment_status, is_test, created_at, updated_at)
      values (${orderId}, ${given.sellerOrgId}, ${given.storeId}, ${given.onecId ?? null}, ${newId()}, ${number}, ${now}, ${counterpartyId}, ${given.payerKind ?? "individual"},
        'Иванов Иван Иванович', ${given.lifecycle ?? "active"}, ${given.isPosted ?? true}, 1, 'test', ${totalKopecks}, ${given.linesMatchTotal ?? true}, 'not_paid', ${given.isTest ?? true}, ${now}, ${now})`;
    await tx`insert into order_revisions (id, order_id, no, total_kopecks, content_hash, source, received_at) values (${revisionId}, ${orderId}, 1, ${totalKopecks}, 'test', '{}', ${now})`;
    for (const [i, line] of lines.entries()) {
      const vatRate = line.vatRate ?? "vat22";
      await tx`
        insert into order_lines (id, revision_id, line_no, name, kind, unit_code, quantity, price_kopecks, sum_kopecks, vat_rate, vat_kopecks)
        values (${newId()}, ${revisionId}, ${i + 1}, ${line.name}, ${line.kind ?? "goods"}, '796', ${line.quantity ?? "1"}, ${line.sumKopecks}, ${line.sumKopecks}, ${vatRate},
          ${vatFromGross(line.sumKopecks, vatRate)})`;
    }
    return ensureLink(ctx, tx, await lockOrder(tx, orderId));
  });
  return { orderId, number, totalKopecks, link };
}

import type { Tx } from "@/db/index.ts";
import { notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import type { ReceiptKind, ReceiptLine, TaxSystem } from "./cash-register.ts";
import type { ReceiptPurpose } from "./external-id.ts";
import type { ReceiptState } from "./states.ts";

/** A receipt with its lines, held for a person's decision about it. */
export type HeldReceipt = {
  receiptId: string;
  orderId: string | null;
  factId: string | null;
  shipmentId: string | null;
  connectionId: string | null;
  partNo: number;
  correctsReceiptId: string | null;
  purpose: ReceiptPurpose;
  kind: ReceiptKind;
  state: ReceiptState;
  failCode: string | null;
  totalKopecks: bigint;
  offsetKopecks: bigint;
  creditKopecks: bigint;
  cashKopecks: bigint;
  contact: string | null;
  fiscalSign: string | null;
  /** Register's day of a registered one, else null. */
  registeredOn: string | null;
  /** The money's moment, of a closing receipt the hand-over's. */
  settledAt: Date;
  isTest: boolean;
  ffd: "1.05" | "1.2";
  taxSystem: TaxSystem;
  lines: ReceiptLine[];
};

/** Locks the order first, then the receipt, as every verb does. Throws `not_found`. */
export async function holdReceipt(tx: Tx, receiptId: string): Promise<HeldReceipt> {
  await tx`select 1 from orders where id = (select order_id from receipts where id = ${uuidOrNull(receiptId)}) for no key update`;
  const [row] = await tx<Omit<HeldReceipt, "lines">[]>`
    select r.id as receipt_id, r.order_id, r.fact_id, r.shipment_id, r.connection_id, r.part_no, r.corrects_receipt_id, r.purpose, r.kind, r.state, r.fail_code, r.total_kopecks, r.offset_kopecks, r.credit_kopecks,
           r.cash_kopecks, r.contact, r.fiscal_sign, left(r.registered_at_local, 10) as registered_on,
           coalesce((select f.occurred_at from money_facts f where f.id = r.fact_id), (select s.shipped_at from shipments s where s.id = r.shipment_id), r.planned_at) as settled_at,
           r.is_test, case when c.settings->>'ffd' = '1.05' then '1.05' else '1.2' end as ffd, coalesce(r.neutral->>'taxSystem', 'osn') as tax_system
      from receipts r left join connections c on c.id = r.connection_id where r.id = ${uuidOrNull(receiptId)} for update of r`;
  if (!row) throw notFound("Чек не найден");
  const lines = await tx<ReceiptLine[]>`
    select name, quantity, price_kopecks, sum_kopecks, vat_rate as vat, vat_kopecks, method, subject, measure, order_line_id, mark_code from receipt_lines where receipt_id = ${row.receiptId} order by line_no`;
  return { ...row, lines: [...lines] };
}

/** The register that shall print for this order now, when the receipt never had one. */
export async function registerOf(tx: Tx, receipt: Pick<HeldReceipt, "connectionId" | "orderId" | "isTest">): Promise<string | null> {
  if (receipt.connectionId !== null) return receipt.connectionId;
  const [row] = await tx<{ id: string }[]>`
    select c.id from connections c join orders o on o.seller_org_id = c.seller_org_id
     where o.id = ${receipt.orderId} and c.kind = 'register' and c.enabled and c.environment = ${receipt.isTest ? "test" : "live"} order by c.priority, c.created_at limit 1`;
  return row?.id ?? null;
}

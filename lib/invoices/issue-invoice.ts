import { violated } from "@/db/index.ts";
import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { formatDate } from "@/lib/kit/format.ts";
import { newId, newToken } from "@/lib/kit/ids.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { barredPayment, isPaymentBarred } from "@/lib/orders/order-may.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { buildInvoiceContent, InvoiceNotPrintable } from "./document/invoice-content.ts";
import type { InvoiceContent } from "./document/invoice-content.ts";
import type { InvoiceSnapshot, InvoiceStage } from "./document/invoice-snapshot.ts";
import { buyerFromOnec, checkTypedBuyer } from "./find-buyer.ts";
import type { InvoiceParty, TypedBuyer } from "./find-buyer.ts";
import { remainderLines, wholeOrderLines } from "./invoice-lines.ts";
import type { InvoicedOrderLine } from "./invoice-lines.ts";

export type IssuedInvoice = { invoiceId: string; token: string; number: string; version: number };
/** What stands in `invoices.content`: the printed texts and the buyer they were made for. */
export type StoredInvoiceContent = InvoiceContent & { buyer: InvoiceParty };

/**
 * Issues a счёт на оплату for what is due (2.8, INV-1..3). The same request again gives the invoice that stands; a changed
 * order, sum or buyer cancels it and makes the next version under the same number (B2B-15). The PDF is made by a job.
 * Throws `conflict` (details.reason `paid`, `not_payable`), `invalid` (details.field) for typed requisites.
 */
export async function issueInvoice(ctx: Ctx, input: { orderId: string; buyer?: TypedBuyer }): Promise<IssuedInvoice> {
  const issue = async () => {
    const issued = await inTransaction(ctx, (tx) => issueLocked(ctx, tx, input));
    ctx.hint(input.orderId);
    return issued;
  };
  try {
    return await issue();
  } catch (error) {
    if (error instanceof InvoiceNotPrintable) {
      ctx.log.warn({ orderId: input.orderId, reason: error.message }, "invoice not printable");
      throw conflict("Счёт сейчас выставить нельзя: магазин уточняет состав заказа", { reason: "not_payable" });
    }
    if (isPaymentBarred(error)) throw barredPayment("stopped");
    if (!violated(error, "invoices_version")) throw error;
    return issue();
  }
}

async function issueLocked(ctx: Ctx, tx: Tx, input: { orderId: string; buyer?: TypedBuyer }): Promise<IssuedInvoice> {
  const order = await lockOrder(tx, input.orderId);
  const { dueKopecks, netPaidKopecks } = orderBalance(order);
  if (!isPayableLifecycle(order.lifecycle) || !order.isPosted) throw conflict("Счёт на этот заказ сейчас не выставляется", { reason: "not_payable" });
  if (ctx.actor.kind === "buyer" && order.payMethods && !order.payMethods.includes("invoice")) throw conflict("Магазин не принимает оплату этого заказа по счёту", { reason: "not_payable" });
  if (order.onecPaymentNumber !== null || dueKopecks === 0n) throw conflict("Заказ уже оплачен", { reason: "paid" });
  if (order.payBar !== null) throw barredPayment(order.payBar);
  if (!order.linesMatchTotal) throw conflict("Счёт сейчас выставить нельзя: магазин уточняет состав заказа", { reason: "not_payable" });

  const standing = await latestInvoice(tx, order.orderId);
  const known = await buyerFromOnec(tx, order.counterpartyId);
  const buyer = known ?? (input.buyer ? checkTypedBuyer(input.buyer) : standing?.content.buyer);
  if (!buyer) throw conflict("Напишите ИНН организации", { reason: "buyer_unknown" });

  const isSame = standing?.state === "issued" && standing.revisionNo === order.orderRevisionNo && standing.totalKopecks === dueKopecks && sameParty(standing.content.buyer, buyer);
  if (isSame) return { invoiceId: standing.invoiceId, token: standing.token, number: standing.number, version: standing.version };
  if (standing?.state === "issued") await cancelInvoice(ctx, tx, order.orderId, standing.invoiceId, standing.number);

  const snapshot = await takeSnapshot(ctx, tx, order, { dueKopecks, isRemainder: netPaidKopecks > 0n, buyer, version: (standing?.version ?? 0) + 1 });
  const content: StoredInvoiceContent = { ...buildInvoiceContent(snapshot), buyer };
  const issued = { invoiceId: newId(), token: newToken(), number: snapshot.number, version: snapshot.version };
  await tx`
    insert into invoices (id, order_id, number, version, state, revision_no, total_kopecks, content, token, issued_at, valid_until)
    values (${issued.invoiceId}, ${order.orderId}, ${issued.number}, ${issued.version}, 'issued', ${order.orderRevisionNo}, ${dueKopecks},
      ${JSON.stringify(content)}::text::jsonb, ${issued.token}, ${ctx.now()}, ${snapshot.validUntil})`;
  await Promise.all([
    recordEvent(ctx, tx, { orderId: order.orderId, kind: "invoice.issued", subjectId: issued.invoiceId, amountKopecks: dueKopecks, detail: { number: issued.number, version: issued.version } }),
    ctx.enqueue(tx, "invoice.render", { invoiceId: issued.invoiceId }),
  ]);
  return issued;
}

type Standing = { invoiceId: string; token: string; number: string; version: number; state: string; revisionNo: number; totalKopecks: bigint; content: StoredInvoiceContent };

async function latestInvoice(tx: Tx, orderId: string): Promise<Standing | null> {
  const [row] = await tx<Standing[]>`
    select id as invoice_id, token, number, version, state, revision_no, total_kopecks, content from invoices where order_id = ${orderId} order by version desc limit 1`;
  return row ?? null;
}

const sameParty = (a: InvoiceParty, b: InvoiceParty): boolean => a.inn === b.inn && a.kpp === b.kpp && a.name === b.name && a.address === b.address;

async function cancelInvoice(ctx: Ctx, tx: Tx, orderId: string, invoiceId: string, number: string): Promise<void> {
  await Promise.all([
    tx`update invoices set state = 'cancelled', cancelled_at = ${ctx.now()} where id = ${invoiceId} and state = 'issued'`,
    recordEvent(ctx, tx, { orderId, kind: "invoice.cancelled", subjectId: invoiceId, detail: { number, reason: "replaced" } }),
  ]);
}

type Terms = { dueKopecks: bigint; isRemainder: boolean; buyer: InvoiceParty; version: number };

async function takeSnapshot(ctx: Ctx, tx: Tx, order: LockedOrder, terms: Terms): Promise<InvoiceSnapshot> {
  const [[paper], lines, validDays] = await Promise.all([
    tx<(InvoiceSnapshot["seller"] & { bankName: string; bik: string; account: string; corrAccount: string | null; onecNumber: string | null; orderDate: Date })[]>`
      select s.legal_name as name, s.inn, s.kpp, s.address, s.phone, s.director_name, s.accountant_name, b.bank_name, b.bik, b.account, b.corr_account,
             o.onec_number, o.order_date
        from orders o join seller_orgs s on s.id = o.seller_org_id
        join lateral (select * from bank_accounts where seller_org_id = s.id order by is_default desc, id limit 1) b on true where o.id = ${order.orderId}`,
    tx<InvoicedOrderLine[]>`
      select l.sku, l.name, l.quantity, l.unit_name, l.price_kopecks, l.sum_kopecks, l.vat_rate, l.vat_kopecks
        from order_lines l join order_revisions v on v.id = l.revision_id where v.order_id = ${order.orderId} and v.no = ${order.orderRevisionNo} order by l.line_no`,
    readSetting(tx, "invoice.validDays"),
  ]);
  if (!paper) throw conflict("Магазин ещё не указал реквизиты для перевода", { reason: "not_payable" });
  const { bankName, bik, account, corrAccount, onecNumber, orderDate, ...seller } = paper;
  const today = localDate(ctx.now(), ctx.zone);
  const orderDay = localDate(orderDate, ctx.zone);
  return {
    // INV-1: what an accountant finds in 1C; ours when the order is not from there.
    number: (order.onecConnectionId ? (onecNumber ?? order.number) : order.no.toString()).replace(/\s+/gu, ""),
    date: today,
    validUntil: addDays(today, validDays),
    version: terms.version,
    seller,
    bank: { name: bankName, bik, account, correspondentAccount: corrAccount },
    buyer: terms.buyer,
    basis: `заказ № ${order.number} от ${formatDate(orderDay)}`,
    lines: terms.isRemainder ? remainderLines(lines, terms.dueKopecks, { number: order.number, day: orderDay }) : wholeOrderLines(lines),
    totalKopecks: terms.dueKopecks,
    stages: deferral(order, terms.dueKopecks),
    remarks: null,
  };
}

const deferral = (order: LockedOrder, sumKopecks: bigint): InvoiceStage[] => (order.dueDate ? [{ sumKopecks, due: { kind: "day", day: order.dueDate } }] : []);

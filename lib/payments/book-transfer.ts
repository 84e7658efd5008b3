import type { Tx } from "@/db/index.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { raiseConflict } from "@/lib/conflicts/index.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { instantOfLocal, localDate } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import type { FiscalOwner } from "@/lib/ledger/index.ts";
import { saveMoney } from "@/lib/orders/apply-money.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { bookedElsewhere, disagrees, findBooked, keyOnOrder } from "./booked-transfer.ts";
import { plainDocumentNumber } from "./document-number.ts";
import { refreshOffer } from "./offer-links.ts";
import { findStatementMoney, isStatementKey } from "./statement-money.ts";
import type { StatementMoney } from "./statement-money.ts";

export type Transfer = {
  amountKopecks: bigint;
  method: "bank_transfer" | "cash" | "card_pos";
  /** GUID of 1C's document, or order GUID, colon and number, or `manual:…`, or `bank:…`. One GUID on a second order is a second part of it. */
  documentKey: string;
  documentNumber: string | null;
  /** The bank's own number, when 1C gives it beside its own: the same money may have been entered under it. */
  bankDocumentNumber?: string | null;
  occurredAt: Date;
  fiscalOwner: FiscalOwner;
  note?: string | null;
  /** What the order's story shows beside the sum: where the money was seen. */
  told?: Record<string, unknown>;
};

export const isCompany = (order: Pick<LockedOrder, "payerKind">): boolean => order.payerKind === "organization" || order.payerKind === "sole_proprietor";

/**
 * Money that reached the seller outside our providers, on a locked order: the fact, the order's money and what is owed because
 * of it. Null when this document is booked on the order already, by whomever and in whatever spelling of its number.
 * Money that a bank statement had brought before is moved here instead of being booked a second time (LOST-23). 1C has this money
 * already, so nothing goes out to it. The caller refreshes the pay link afterwards.
 */
export async function recordTransfer(ctx: Ctx, tx: Tx, order: LockedOrder, transfer: Transfer): Promise<{ order: LockedOrder; factId: string } | null> {
  const { method, amountKopecks, documentNumber } = transfer;
  const booked = await findBooked(tx, order.orderId, transfer);
  if (booked) {
    if (disagrees(transfer, booked)) await tellOfDocument(ctx, tx, order, transfer, `а учтён на ${formatMoney(booked.amountKopecks)}`);
    return null;
  }
  const seen = method === "bank_transfer" && !isStatementKey(transfer.documentKey) ? await findStatementMoney(tx, order, transfer, ctx.zone) : null;
  if (seen) return takeStatementMoney(ctx, tx, order, transfer, seen);
  const elsewhereKopecks = await bookedElsewhere(tx, order, transfer.documentKey);
  const documentKey = elsewhereKopecks === null ? transfer.documentKey : keyOnOrder(transfer.documentKey, order.orderId);
  // A part of a spread payment is fine; the whole sum once more is not.
  if (elsewhereKopecks === amountKopecks) await tellOfDocument(ctx, tx, order, transfer, "и той же суммой учтён на другом заказе");
  const fact = await recordFact(ctx, tx, {
    kind: "payment_captured",
    amountKopecks,
    method,
    connectionId: order.onecConnectionId,
    documentKey,
    documentNumber,
    occurredAt: transfer.occurredAt,
    // FISC-00: of an order that is not in work here the receipt is printed where it was before (PIL-01).
    fiscalOwner: transfer.fiscalOwner === "site" && !order.isOurs ? "onec" : transfer.fiscalOwner,
    isTest: order.isTest,
    note: transfer.note ?? null,
    allocations: [{ orderId: order.orderId, counterpartyId: order.counterpartyId, amountKopecks }],
  });
  if (!fact) return null;
  const saved = await saveTransfer(ctx, tx, order, amountKopecks);
  await Promise.all([
    recordEvent(ctx, tx, { orderId: order.orderId, kind: "money.captured", amountKopecks, subjectId: fact.factId, detail: { method, documentNumber, ...transfer.told } }),
    ...alerts(ctx, tx, saved),
    ctx.announce(ctx, tx, { type: "money.captured", fact, order: saved, revisionNo: saved.orderRevisionNo, contact: saved.orderContact }),
  ]);
  return { order: saved, factId: fact.factId };
}

/** The order's money; what 1C has told us it need not be told. */
async function saveTransfer(ctx: Ctx, tx: Tx, order: LockedOrder, amountKopecks: bigint): Promise<LockedOrder> {
  const saved = await saveMoney(ctx, tx, { ...order, capturedKopecks: order.capturedKopecks + amountKopecks }, order.hasLiveAttempt);
  await tx`update orders set exported_version = export_version where id = ${order.orderId} and exported_version = ${order.exportVersion}`;
  return saved;
}

/** The document tells of money that we know from the bank's statement: out of the payer's advance onto the order, or only noted (LOST-23). */
async function takeStatementMoney(ctx: Ctx, tx: Tx, order: LockedOrder, transfer: Transfer, { factId, place, leftKopecks, counterpartyId }: StatementMoney): Promise<{ order: LockedOrder; factId: string } | null> {
  const { documentNumber, documentKey } = transfer;
  if (place === "elsewhere") {
    await tellOfDocument(ctx, tx, order, transfer, "из выписки учтён на другом заказе");
    return null;
  }
  const amountKopecks = transfer.amountKopecks < leftKopecks ? transfer.amountKopecks : leftKopecks;
  await tx`
    insert into fact_documents (id, fact_id, order_id, document_key, document_number, amount_kopecks, told_at)
    values (${newId()}, ${factId}, ${order.orderId}, ${documentKey}, ${documentNumber}, ${amountKopecks}, ${ctx.now()})`;
  if (amountKopecks < transfer.amountKopecks) await tellOfDocument(ctx, tx, order, transfer, `а в выписке банка на него осталось ${formatMoney(amountKopecks)}`);
  if (place === "here") return null;
  await tx`
    insert into allocations (id, fact_id, order_id, counterparty_id, amount_kopecks, created_at, actor) values
      (${newId()}, ${factId}, null, ${counterpartyId}, ${-amountKopecks}, ${ctx.now()}, ${actorText(ctx.actor)}),
      (${newId()}, ${factId}, ${order.orderId}, ${order.counterpartyId}, ${amountKopecks}, ${ctx.now()}, ${actorText(ctx.actor)})`;
  const saved = await saveTransfer(ctx, tx, order, amountKopecks);
  await Promise.all([
    recordEvent(ctx, tx, { orderId: order.orderId, kind: "money.moved_in", amountKopecks, subjectId: factId, detail: { orderNumber: null, text: `документ ${documentNumber ?? "б/н"}` } }),
    ...alerts(ctx, tx, saved),
    ctx.announce(ctx, tx, { type: "money.bound", factId, amountKopecks, order: saved, contact: saved.orderContact, byDocument: true }),
  ]);
  return { order: saved, factId };
}

const tellOfDocument = (ctx: Ctx, tx: Tx, order: LockedOrder, { documentKey, documentNumber, amountKopecks }: Transfer, what: string) =>
  raiseConflict(ctx, tx, {
    code: "ALR-16", objectKey: `order:${order.orderId}:document:${documentKey}`, orderId: order.orderId, severity: "P2", amountKopecks,
    title: `Платёж 1С ${documentNumber ?? "б/н"} по заказу №${NBSP}${order.number} на ${formatMoney(amountKopecks)}, ${what}`,
    advice: "Сверьте документ в 1С с деньгами заказа.",
    detail: { class: "AMOUNT_MISMATCH", documentKey },
  }, { connectionId: order.onecConnectionId, field: `payment:${documentKey}`, ours: what.replace(/^(?:а|и) /, ""), theirs: `документ ${documentNumber ?? "б/н"} на ${formatMoney(amountKopecks)}` });

function alerts(ctx: Ctx, tx: Tx, order: LockedOrder): Promise<void>[] {
  const { dueKopecks, overpaidKopecks, netPaidKopecks } = orderBalance(order);
  const about = { orderId: order.orderId };
  if (!isPayableLifecycle(order.lifecycle)) {
    return [
      raiseAlert(ctx, tx, {
        ...about, code: "ALR-05", objectKey: `order:${order.orderId}:late`, severity: "P1", amountKopecks: netPaidKopecks,
        title: `Деньги за ${order.lifecycle === "deleted" ? "удалённый" : "отменённый"} заказ №${NBSP}${order.number}`,
        advice: "Верните деньги или восстановите заказ в 1С.",
      }),
    ];
  }
  const list: Promise<void>[] = [];
  if (dueKopecks === 0n) list.push(resolveAlert(ctx, tx, "ALR-04", `order:${order.orderId}:underpaid`));
  if (overpaidKopecks > 0n) {
    list.push(
      raiseAlert(ctx, tx, {
        ...about, code: "ALR-04", objectKey: `order:${order.orderId}:overpaid`, severity: overpaidKopecks > 5_000_000n ? "P1" : "P2", amountKopecks: overpaidKopecks,
        title: `Переплата ${formatMoney(overpaidKopecks)} по заказу №${NBSP}${order.number}`,
        advice: "Верните лишнее покупателю или перенесите на другой его заказ.",
      }),
    );
  }
  return list;
}

export type TransferInput = {
  orderId: string;
  amountKopecks: bigint;
  documentNumber: string;
  /** Day on which the money was credited (B2B-04), `YYYY-MM-DD`. */
  documentDate: string;
  note?: string | null;
};

/**
 * The accountant enters a bank transfer (permission `transfer.book`, audited). Part of the sum or more than due is accepted:
 * money that came is booked as it came. Throws `forbidden`, `invalid` (details.field), `not_found`, `conflict` for a document
 * that is booked already.
 */
export async function bookTransfer(ctx: Ctx, input: TransferInput): Promise<{ factId: string; dueKopecks: bigint; overpaidKopecks: bigint }> {
  if (ctx.actor.kind !== "system" && !(ctx.actor.kind === "staff" && can(ctx.actor.role, "transfer.book"))) throw forbidden();
  const documentNumber = input.documentNumber.trim();
  if (documentNumber === "" || documentNumber.length > 64) throw invalid("Укажите номер платёжного документа", { field: "documentNumber" });
  if (input.amountKopecks <= 0n || input.amountKopecks > 10_000_000_000_000n) throw invalid("Укажите сумму больше нуля", { field: "amount" });
  const credited = /^\d{4}-\d{2}-\d{2}$/.test(input.documentDate) ? instantOfLocal(`${input.documentDate}T12:00:00`, ctx.zone) : null;
  if (!credited) throw invalid("Укажите дату поступления", { field: "documentDate" });
  if (input.documentDate > localDate(ctx.now(), ctx.zone)) throw invalid("Дата поступления ещё не наступила", { field: "documentDate" });
  const note = input.note?.trim().slice(0, 500) || null;
  // Noon, so that no zone moves the day; today's money cannot come later than now.
  const occurredAt = credited > ctx.now() ? ctx.now() : credited;

  const done = await inTransaction(ctx, async (tx) => {
    const order = await lockOrder(tx, input.orderId);
    const booked = await recordTransfer(ctx, tx, order, {
      amountKopecks: input.amountKopecks,
      method: "bank_transfer",
      documentKey: `manual:${order.orderId}:${plainDocumentNumber(documentNumber)}`,
      documentNumber,
      occurredAt,
      // A company needs no receipt and the reason is stored (FISC-01); a person's transfer needs one (FISC-14).
      fiscalOwner: "site",
      note,
    });
    if (!booked) throw conflict("Платёж с этим номером по заказу уже учтён", { reason: "booked" });
    await recordAudit(ctx, tx, {
      action: "transfer.booked", objectType: "order", objectId: order.orderId, reason: note,
      after: { factId: booked.factId, amountKopecks: input.amountKopecks, documentNumber, documentDate: input.documentDate },
    });
    await refreshOffer(ctx, tx, order.orderId);
    return { factId: booked.factId, ...orderBalance(booked.order) };
  });
  ctx.hint(input.orderId);
  return { factId: done.factId, dueKopecks: done.dueKopecks, overpaidKopecks: done.overpaidKopecks };
}

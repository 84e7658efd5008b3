import type { Tx } from "@/db/index.ts";
import { raiseConflict } from "@/lib/conflicts/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { sameDocumentNumber } from "@/lib/payments/document-number.ts";
import { createRefund } from "./create-refund.ts";
import { endRefund } from "./decide-refund.ts";
import { lockForRefund } from "./lock-for-refund.ts";
import { lockRefund } from "./lock-refund.ts";
import type { WantedLine } from "./price-lines.ts";
import { planRefund } from "./request-refund.ts";
import { recordReturn } from "./record-return.ts";
import { MANUAL_REFUND } from "./bank-refund.ts";
import { refundableOf } from "./refundable.ts";
import type { RefundMethod, RefundReason, RefundState } from "./states.ts";

/** LOST-12: documents and refunds this near to each other may be the same money. */
const NEAR_MS = 3 * DAY_MS;

export type OnecRefundRequest = {
  orderId: string;
  /** Null: the newest payments of the order that cover the sum. */
  paymentFactId?: string | null;
  /** Null: the price of `lines`. */
  amountKopecks: bigint | null;
  /** Returned goods; none: a sum alone. */
  lines?: WantedLine[];
  /** GUID of 1C's document: the same one again changes nothing. */
  documentKey: string;
  documentNumber: string | null;
  reason: RefundReason;
  reasonText: string | null;
  method: RefundMethod;
};

/**
 * 1C asks us to pay a buyer back (LOST-12): an ordinary request with source `onec`, decided by people. Returns the refunds, the known ones
 * when the document came before. Throws `not_found`, `invalid`, `conflict` as `requestRefund`.
 */
export async function requestRefundFromOnec(ctx: Ctx, input: OnecRefundRequest): Promise<{ refundId: string; state: RefundState }[]> {
  if (input.amountKopecks === null ? !input.lines : input.amountKopecks <= 0n) throw invalid("Сумма возврата должна быть больше нуля", { field: "amount" });
  const { orderId, amountKopecks, reason, reasonText, method, lines: wanted } = input;
  const made = await inTransaction(ctx, async (tx) => {
    await lockForRefund(tx, { orderId, paymentFactId: null });
    const known = await tx<{ refundId: string; state: RefundState }[]>`
      select id as refund_id, state from refunds where order_id = ${input.orderId} and (document_key = ${input.documentKey} or starts_with(document_key, ${`${input.documentKey}#`})) order by document_key`;
    if (known.length > 0) return [...known];
    const { order, lines, picks } = await planRefund(tx, { orderId, paymentFactId: input.paymentFactId ?? null, amountKopecks, reason, reasonText, method, ...(wanted && { lines: wanted }) });
    const rows: { refundId: string; state: RefundState }[] = [];
    for (const [i, pick] of picks.entries()) {
      const refundId = await createRefund(ctx, tx, {
        payment: pick.payment, order, amountKopecks: pick.amountKopecks, lines, method, reason, reasonText, source: "onec", state: "requested",
        documentKey: i === 0 ? input.documentKey : `${input.documentKey}#${i + 1}`, documentNumber: input.documentNumber, isTest: order!.isTest,
      });
      rows.push({ refundId, state: "requested" });
    }
    return rows;
  });
  ctx.hint(input.orderId);
  return made;
}

export type ReportedRefund = {
  amountKopecks: bigint;
  method: "bank_transfer" | "cash";
  /** GUID of 1C's document. */
  documentKey: string;
  documentNumber: string | null;
  occurredAt: Date;
};

type Near = { refundId: string; state: RefundState; method: RefundMethod; documentKey: string | null; documentNumber: string | null };

/**
 * 1C reports that money went back by bank or cash (LOST-12): the fact with 1C's GUID, no provider is called. It fulfils an equal refund
 * of ours that was not sent; an equal one that is at the bank or has just succeeded is a doubt for a person, and nothing is booked.
 * The order is locked. Returns whether money was booked.
 */
export async function takeReportedRefund(ctx: Ctx, tx: Tx, given: Pick<LockedOrder, "orderId" | "number" | "onecConnectionId">, reported: ReportedRefund): Promise<boolean> {
  const { orderId } = given;
  const [booked] = await tx<{ amountKopecks: bigint; isHere: boolean }[]>`
    select amount_kopecks, exists (select 1 from allocations a where a.fact_id = f.id and a.order_id = ${orderId}) as is_here
      from money_facts f where connection_id = ${given.onecConnectionId}::uuid and kind = 'refund_succeeded' and document_key = ${reported.documentKey}`;
  if (booked) return booked.isHere && booked.amountKopecks === reported.amountKopecks ? false : differs(ctx, tx, given, reported, booked.isHere ? `а учтён на ${formatMoney(booked.amountKopecks)}` : "а этот документ учтён по другому заказу");
  const [paidBack] = await tx`select 1 from refunds where order_id = ${orderId} and document_key = ${reported.documentKey} and state = 'succeeded' limit 1`;
  if (paidBack) return false;
  const { order, payments } = await lockForRefund(tx, { orderId, paymentFactId: null });
  const near = await tx<Near[]>`
    select id as refund_id, state, method, document_key, document_number from refunds where order_id = ${orderId} and amount_kopecks = ${reported.amountKopecks}
       and state in ('requested', 'approved', 'submitting', 'unknown', 'pending', 'external', 'succeeded')
       -- One that is not over waits for just such a document, however long ago it was asked for.
       and (finished_at is null or finished_at > ${addMs(reported.occurredAt, -NEAR_MS)}) and requested_at < ${addMs(reported.occurredAt, NEAR_MS)} order by requested_at`;
  const byHand = near.filter((each) => each.state === "succeeded" && each.documentKey?.startsWith(MANUAL_REFUND));
  if (byHand.some((each) => sameDocumentNumber(each.documentNumber ?? "", reported.documentNumber ?? ""))) return false;
  if (byHand.length > 0) return doubt(ctx, tx, order!, reported, "а такая же выплата уже учтена вручную под другим номером");
  const doubtful = near.find((each) => each.method === "instrument" && each.state !== "requested" && each.state !== "approved");
  if (doubtful) return doubt(ctx, tx, order!, reported, doubtful.state === "succeeded" ? "а такой же возврат уже прошёл через банк сайта" : "а такой же возврат идёт через банк сайта");
  const paidOut = near.find((each) => each.state === "approved" && each.method === reported.method);
  const twin = paidOut ?? near.find((each) => each.state === "approved") ?? near.find((each) => each.state === "requested");
  if (reported.amountKopecks > (await refundableOf(tx, { payment: null, order }, twin?.refundId ?? null))) return doubt(ctx, tx, order!, reported, "это больше, чем по заказу осталось денег");
  const proof = { providerRefundId: null, documentKey: reported.documentKey, documentNumber: reported.documentNumber, occurredAt: reported.occurredAt };
  if (paidOut) return (await recordReturn(ctx, tx, await lockRefund(tx, paidOut.refundId), proof)) !== null;
  if (twin) {
    const { refund } = await lockRefund(tx, twin.refundId);
    const text = `Деньги возвращены документом 1С ${reported.documentNumber ?? "без номера"}`;
    await endRefund(ctx, tx, refund, "canceled", text);
    await recordEvent(ctx, tx, { orderId, kind: "refund.canceled", subjectId: refund.refundId, amountKopecks: refund.amountKopecks, detail: { text } });
  }
  const payment = payments.find((each) => each.freeKopecks >= reported.amountKopecks && (each.parts.find((part) => part.orderId === orderId)?.leftKopecks ?? 0n) >= reported.amountKopecks) ?? null;
  const refundId = await createRefund(ctx, tx, {
    payment, order, amountKopecks: reported.amountKopecks, method: reported.method, reason: "other", reasonText: null, source: "onec", state: "external",
    documentKey: reported.documentKey, documentNumber: reported.documentNumber, isTest: order!.isTest,
  });
  return (await recordReturn(ctx, tx, await lockRefund(tx, refundId), proof)) !== null;
}

type Named = Pick<LockedOrder, "orderId" | "number" | "onecConnectionId">;

const doubt = (ctx: Ctx, tx: Tx, order: Named, reported: ReportedRefund, what: string): Promise<false> =>
  tell(ctx, tx, order, reported, what, { advice: "Возврат из 1С не учтён. Сверьте, один это возврат или два, и учтите второй вручную.", class: "DUPLICATE_IN_1C" });

/** 1C changed its document after it was booked, or shows one document beside two orders: what is booked stays. */
const differs = (ctx: Ctx, tx: Tx, order: Named, reported: ReportedRefund, what: string): Promise<false> =>
  tell(ctx, tx, order, reported, what, { advice: "Сверьте документ в 1С с возвратами заказа и учтите разницу вручную.", class: "AMOUNT_MISMATCH" });

async function tell(ctx: Ctx, tx: Tx, order: Named, reported: ReportedRefund, what: string, { advice, class: discrepancy }: { advice: string; class: string }): Promise<false> {
  await raiseConflict(ctx, tx, {
    code: "ALR-16", objectKey: `order:${order.orderId}:document:${reported.documentKey}`, orderId: order.orderId, severity: "P1", amountKopecks: reported.amountKopecks,
    title: `Возврат 1С ${reported.documentNumber ?? "б/н"} по заказу №${NBSP}${order.number} на ${formatMoney(reported.amountKopecks)}, ${what}`,
    advice,
    detail: { class: discrepancy, documentKey: reported.documentKey },
  }, { connectionId: order.onecConnectionId, field: `payment:${reported.documentKey}`, ours: what.replace(/^а /, ""), theirs: `возврат ${reported.documentNumber ?? "б/н"} на ${formatMoney(reported.amountKopecks)}` });
  return false;
}

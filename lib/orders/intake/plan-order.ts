/** What an uploaded document makes of an order. Pure: the rows come in, the rows to write go out. */
import type { PayOffer, PayerKind } from "@/db/schema/index.ts";
import type { OnecOperation, OnecState, OrderDraft, OrderStatus } from "@/lib/onec/wire/order-draft.ts";
import type { WorkingCalendar } from "@/lib/orders/due-date.ts";
import type { OrderEvent } from "@/lib/orders/record-event.ts";
import { canFollow, derivePaymentStatus, isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle, PaymentStatus } from "@/lib/orders/states.ts";
import { plainStatus } from "./base-rules.ts";
import type { BaseRules } from "./base-rules.ts";
import { namesNoPayment, namesPayment, takesPaymentBack } from "./silent-payment.ts";
import { hasOwnNumber } from "./repeated-numbers.ts";
import { revisionOf } from "./revision.ts";
import type { NewRevision } from "./revision.ts";
import { siteNumber } from "./site-number.ts";
import { termsOf } from "./counterparties.ts";
import type { KnownBuyer } from "./counterparties.ts";
import type { KnownOrder } from "./known-orders.ts";
import { dueOf, ownTerms, termsFor } from "./own-terms.ts";
import type { OwnTerms } from "./own-terms.ts";
import { sameContact } from "./shared-fields.ts";
import type { SharedFields } from "./shared-fields.ts";
import type { TakenOrder } from "./taken-order.ts";

/** Columns of `orders` that 1C masters. */
export type OrderValues = {
  orderId: string;
  onecGuid: string | null;
  number: string;
  onecNumber: string | null;
  onecDate: Date | null;
  orderDate: Date;
  counterpartyId: string | null;
  payerKind: PayerKind;
  buyerName: string;
  contact: string | null;
  comment: string | null;
  manager: string | null;
  lifecycle: Lifecycle;
  onecState: string | null;
  isPosted: boolean;
  revisionNo: number;
  contentHash: string;
  totalKopecks: bigint;
  linesMatchTotal: boolean;
  paymentStatus: PaymentStatus;
  onecPaymentNumber: string | null;
  onecPaymentAt: Date | null;
  onecShipmentNumber: string | null;
  onecShipmentAt: Date | null;
  dueDate: string | null;
  payUntil: Date | null;
  payMethods: PayOffer[] | null;
  onecVersion: number | null;
} & OwnTerms;

export type PlannedOrder = {
  outcome: "created" | "revised" | "status";
  values: OrderValues;
  revision: NewRevision | null;
  events: Pick<OrderEvent, "kind" | "amountKopecks" | "detail">[];
  /** Our money is on the order and what it covers has changed (CML-22). */
  moneyMoved: { netPaidKopecks: bigint; dueKopecks: bigint; overpaidKopecks: bigint } | null;
  /** By how much it grew after 1C had called it paid with money that our books do not hold; 0 = it did not. */
  grownKopecks: bigint;
  taken: TakenOrder;
};

export type PlanSettings = {
  now: Date;
  /** The shop's: business days. */
  zone: string;
  /** The base's: its wall clock, which `at` reads. */
  baseZone: string;
  at(local: string | null): Date | null;
  statusMap: BaseRules["statusMap"];
  isWorking: WorkingCalendar;
  shiftToWorkingDay: boolean;
};

const noMoney = { goodsReturnedKopecks: 0n, capturedKopecks: 0n, reversedKopecks: 0n, refundedKopecks: 0n, chargedBackKopecks: 0n, heldKopecks: 0n };

export function planNewOrder(orderId: string, draft: OrderDraft, buyer: KnownBuyer | null, settings: PlanSettings): PlannedOrder {
  const orderDate = settings.at(draft.createdLocal) ?? settings.now;
  const { state, named } = understood(draft.state, settings);
  const lifecycle = lifecycleAfter("active", state, named);
  const shipped = shipmentOf(state, null, settings);
  const own = ownTerms(draft.terms ?? null);
  const values: OrderValues = {
    orderId,
    onecGuid: draft.onecRef || null,
    number: draft.number,
    onecNumber: draft.state.number,
    onecDate: settings.at(draft.state.dateLocal),
    orderDate,
    ...buyerValues(draft, buyer),
    contact: draft.buyer.email ?? draft.buyer.phone,
    comment: draft.comment,
    manager: draft.manager ?? null,
    lifecycle,
    onecState: draft.state.statusText,
    isPosted: draft.state.posted,
    revisionNo: 1,
    contentHash: draft.contentHash,
    totalKopecks: draft.totalKopecks,
    linesMatchTotal: draft.linesMatchTotal,
    paymentStatus: derivePaymentStatus({ ...noMoney, lifecycle, totalKopecks: draft.totalKopecks, hasPendingAttempt: false }),
    onecPaymentNumber: null,
    onecPaymentAt: null,
    ...shipped,
    dueDate: dueOf(termsFor(own, buyer?.terms ?? null), orderDate, shipped.onecShipmentAt, settings),
    payUntil: draft.payUntil ?? null,
    payMethods: draft.payMethods ?? null,
    onecVersion: draft.version ?? null,
    ...own,
  };
  const events: PlannedOrder["events"] = [{ kind: "order.received", amountKopecks: draft.totalKopecks, detail: { number: draft.number, lines: draft.lines.length } }];
  if (shipped.onecShipmentAt) events.push(shippedEvent(shipped, state));
  return { outcome: "created", values, revision: revisionOf(draft, 1), events, moneyMoved: null, grownKopecks: 0n, taken: takenOf(values, true, orderBalance({ ...noMoney, lifecycle, totalKopecks: draft.totalKopecks }).dueKopecks, { state, operations: draft.operations }, settings.baseZone) };
}

/** Null when nothing changes (CML-20). Money columns are never touched here (CML-22). */
export function planKnownOrder(known: KnownOrder, document: OrderDraft | OrderStatus, buyer: KnownBuyer | null, settings: PlanSettings, shared: SharedFields): PlannedOrder | null {
  if (known.contentHash === document.contentHash) return null;
  const { state, named } = understood(document.state, settings);
  const draft = document.kind === "order" ? document : null;
  const candidate = draft && revisionOf(draft, known.revisionNo + 1);
  const revision = candidate && candidate.hash !== known.revisionHash ? candidate : null;
  const lifecycle = lifecycleAfter(known.lifecycle, state, named);
  const shipped = shipmentOf(state, known, settings);
  const orderDate = (draft && settings.at(draft.createdLocal)) ?? known.orderDate;
  const ownDeferral = draft?.terms === undefined ? { ownDeferralDays: known.ownDeferralDays, ownDeferralDayKind: known.ownDeferralDayKind, ownDeferralBase: known.ownDeferralBase } : ownTerms(draft.terms);
  const totalKopecks = draft?.totalKopecks ?? known.totalKopecks;
  const balance = orderBalance({ ...known, lifecycle, totalKopecks });
  // Fully paid by 1C's data, and then grown without a new payment: the difference may be asked for (LOST-17), where our books hold what 1C
  // called paid. Of money of a till they know nothing, and would ask for all of it again.
  const hasGrown = known.onecPaymentNumber !== null && state.paid === null && totalKopecks > known.totalKopecks && balance.dueKopecks > 0n;
  const hasReopened = hasGrown && balance.netPaidKopecks >= known.totalKopecks;
  const own = { objectType: "order", objectId: known.orderId, orderId: known.orderId } as const;
  const values: OrderValues = {
    orderId: known.orderId,
    onecGuid: known.onecGuid ?? (document.onecRef || null),
    number: (known.shopConnectionId !== null && document.number === siteNumber(known)) || (hasOwnNumber(known) && document.number === known.onecNumber) ? known.number : (shared.merge(own, "number", { present: known.number, theirs: document.number }) ?? known.number),
    onecNumber: state.number ?? known.onecNumber,
    onecDate: settings.at(state.dateLocal) ?? known.onecDate,
    orderDate,
    ...(draft ? buyerValues(draft, buyer) : { counterpartyId: known.counterpartyId, payerKind: known.payerKind, buyerName: known.buyerName }),
    contact: shared.merge(own, "contact", { present: known.contact, theirs: draft && contactOf(draft, known.contact), isSame: sameContact }),
    comment: draft ? draft.comment : known.comment,
    manager: draft?.manager === undefined ? known.manager : draft.manager,
    lifecycle,
    onecState: state.statusText ?? known.onecState,
    isPosted: state.posted,
    revisionNo: revision?.no ?? known.revisionNo,
    contentHash: document.contentHash,
    totalKopecks,
    linesMatchTotal: draft?.linesMatchTotal ?? known.linesMatchTotal,
    paymentStatus: derivePaymentStatus({ ...known, lifecycle, totalKopecks, hasPendingAttempt: known.hasLiveAttempt }),
    onecPaymentNumber: hasReopened ? null : known.onecPaymentNumber,
    onecPaymentAt: hasReopened ? null : known.onecPaymentAt,
    ...shipped,
    dueDate: dueOf(termsFor(ownDeferral, draft ? (buyer?.terms ?? null) : termsOf(known)), orderDate, shipped.onecShipmentAt, settings),
    payUntil: draft?.payUntil === undefined ? known.payUntil : dateOf(shared.merge(own, "payBy", { present: known.payUntil?.toISOString() ?? "", theirs: draft.payUntil?.toISOString() ?? "" })),
    payMethods: draft?.payMethods === undefined ? known.payMethods : draft.payMethods,
    onecVersion: document.version ?? known.onecVersion,
    ...ownDeferral,
  };
  if (document.kind === "status" && document.operations.length === 0 && !namesPayment(known, state) && !((state.unshipped || state.shipped?.byFlag) && known.lifecycle === "shipped") && sameStatus(known, values)) return null;

  const events: PlannedOrder["events"] = [];
  if (known.onecGuid === null && known.shopConnectionId !== null && values.onecGuid !== null) events.push({ kind: "order.in_onec", detail: { number: values.onecNumber } });
  if (revision) {
    events.push({ kind: "order.revised", amountKopecks: totalKopecks, detail: { oldTotalKopecks: known.totalKopecks.toString(), newTotalKopecks: totalKopecks.toString(), revisionNo: revision.no } });
  }
  if (lifecycle !== known.lifecycle || values.isPosted !== known.isPosted || values.onecState !== known.onecState) {
    events.push({ kind: "order.status_changed", detail: { from: known.lifecycle, to: lifecycle, posted: values.isPosted, wasPosted: known.isPosted, onecState: values.onecState } });
  }
  if (shipped.onecShipmentAt && !known.onecShipmentAt) events.push(shippedEvent(shipped, state));
  const payableChanged = totalKopecks !== known.totalKopecks || isPayableLifecycle(lifecycle) !== isPayableLifecycle(known.lifecycle);
  return {
    outcome: revision ? "revised" : "status",
    values,
    revision,
    events,
    moneyMoved: payableChanged && balance.netPaidKopecks > 0n ? balance : null,
    grownKopecks: hasGrown && !hasReopened ? totalKopecks - known.totalKopecks : 0n,
    taken: { ...takenOf(values, false, balance.dueKopecks, { state, operations: document.operations }, settings.baseZone), namesNoPayment: namesNoPayment(known, document, values), ...(takesPaymentBack(known, document, values) && { takesPaymentBack: true }) },
  };
}

/** No term is a word of 1C too, unlike a field that it does not send. */
const dateOf = (text: string | null): Date | null => (text ? new Date(text) : null);

/** 1C may name two contacts; one of them being ours is agreement. */
function contactOf({ buyer }: OrderDraft, present: string | null): string | null {
  const said = (field: "email" | "phone") => (buyer.unsaid?.includes(field) ? null : buyer[field]);
  return present !== null && said("phone") === present ? present : (said("email") ?? said("phone"));
}

const sameStatus = (known: KnownOrder, values: OrderValues) =>
  (["onecGuid", "number", "onecNumber", "lifecycle", "onecState", "isPosted", "onecShipmentNumber", "dueDate", "onecPaymentNumber"] as const).every((key) => known[key] === values[key]) &&
  known.onecShipmentAt?.getTime() === values.onecShipmentAt?.getTime();

/** The base's own status by its table (2.2). «Отгружен» by that table means what «Отгружен» of a file means: nothing is left to ship. */
function understood(state: OnecState, { statusMap }: PlanSettings): { state: OnecState; named: Lifecycle | null } {
  const named = state.statusText === null ? null : (statusMap.get(plainStatus(state.statusText)) ?? null);
  return { state: named === "shipped" && state.shipped === null ? { ...state, shipped: { number: null, dateLocal: null } } : state, named };
}

/** 2.2: deletion and cancellation from any state and back to `active`; a shipment is never taken back by a silent upload. */
function lifecycleAfter(current: Lifecycle, state: OnecState, named: Lifecycle | null): Lifecycle {
  if (state.deleted || named === "deleted") return "deleted";
  if (state.cancelled || named === "cancelled") return "cancelled";
  const alive = isPayableLifecycle(current) ? current : "active";
  if (state.final || named === "completed") return "completed";
  if (state.shipped) return alive === "completed" ? alive : "shipped";
  return named !== null && canFollow(alive, named) ? named : alive;
}

function shipmentOf(state: OnecState, known: KnownOrder | null, settings: PlanSettings): Pick<OrderValues, "onecShipmentNumber" | "onecShipmentAt"> {
  if (!state.shipped) return { onecShipmentNumber: known?.onecShipmentNumber ?? null, onecShipmentAt: known?.onecShipmentAt ?? null };
  return { onecShipmentNumber: state.shipped.number ?? known?.onecShipmentNumber ?? null, onecShipmentAt: settings.at(state.shipped.dateLocal) ?? known?.onecShipmentAt ?? settings.now };
}

const shippedEvent = ({ onecShipmentNumber, onecShipmentAt }: Pick<OrderValues, "onecShipmentNumber" | "onecShipmentAt">, { shipped }: OnecState): PlannedOrder["events"][number] => ({
  kind: "order.shipped_in_onec",
  detail: { documentNumber: onecShipmentNumber, documentDate: onecShipmentAt?.toISOString() ?? null, byFlag: shipped?.byFlag === true },
});

const buyerValues = ({ buyer }: OrderDraft, known: KnownBuyer | null) => ({
  counterpartyId: known?.counterpartyId ?? null,
  payerKind: buyer.kind,
  buyerName: known?.name ?? (buyer.fullName || buyer.name),
});

function takenOf(values: OrderValues, isNew: boolean, dueKopecks: bigint, { state, operations }: { state: OnecState; operations: OnecOperation[] }, zone: string): TakenOrder {
  const mayPay = values.isPosted && isPayableLifecycle(values.lifecycle) && values.onecPaymentNumber === null;
  const reported = state.paid || operations.length > 0 ? { paid: state.paid, operations, zone } : null;
  const shipped = state.shipped && values.onecShipmentAt ? { number: values.onecShipmentNumber, at: values.onecShipmentAt, byFlag: state.shipped.byFlag === true } : null;
  // УНФ says it of every order that was never handed over as well.
  const isUnshipped = state.unshipped === true && shipped === null && !isNew && values.lifecycle !== "active" && values.lifecycle !== "reserved";
  return { orderId: values.orderId, isNew, revisionNo: values.revisionNo, payableDueKopecks: mayPay ? dueKopecks : 0n, payUntil: values.payUntil, reported, namesNoPayment: false, shipped, ...(isUnshipped && { unshipped: true }), ...(state.unshipped === true && shipped !== null && { flagDisagrees: true }) };
}

/** POST /orders: one order of the package laid over the order as it stands (API-14 … API-19). Pure. */
import { sha256Hex } from "@/lib/kit/ids.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { cutText } from "@/lib/kit/storable-text.ts";
import { addDays, instantOfLocal, localText } from "@/lib/kit/time.ts";
import type { IntakeDocument, OrderPatch, PatchWorld, StandingOrder } from "@/lib/orders/intake/order-patch.ts";
import { hashOrder } from "../wire/content-hash.ts";
import type { DraftBuyer, DraftLine, DraftTerms, OnecOperation, OnecState, OrderDraft, RawPayload } from "../wire/order-draft.ts";
import { mergeBuyer, nobody } from "./order-buyer.ts";
import { linesTotal, readLines } from "./order-lines.ts";
import { operationOf } from "./order-payments.ts";
import type { Problem } from "./problems.ts";
import type { DeferralRequest, OrderRequest } from "./schema-order.ts";
import { NO_LABEL } from "./values.ts";
import type { When } from "./values.ts";

const COMMENT_MAX = 3_000;

/** What the answer needs of a refusal besides its text. */
export type Refused = Problem;

/** `isRateNeeded`: the seller is on the general tax system, so each line says its rate of VAT. */
export type SellerRules = { isRateNeeded: boolean };

/** `note` hears of a refusal and of warnings: intake carries only a line of text. */
export function orderPatch(guid: string, request: OrderRequest, raw: RawPayload, rules: SellerRules, note: (refused: Refused | null, warnings: string[]) => void): OrderPatch {
  return {
    kind: "patch",
    onecRef: guid,
    number: request.number ?? "",
    orderId: request.siteId ?? null,
    buyerRef: request.customer?.id ?? null,
    lineCount: request.items?.length ?? 0,
    namesRefund: (request.payments ?? []).some((payment) => payment.kind === "refund"),
    raw,
    resolve(standing, world) {
      const warnings: string[] = [];
      const merged = merge(guid, request, standing, { ...world, ...rules }, warnings);
      const isLate = standing !== null && isStale(request, standing);
      // A late one is never refused; one that would change something goes on, to be shown and not taken.
      const made = isLate && ("code" in merged || merged.kind !== "order") ? stale(guid, standing) : merged;
      note("code" in made ? made : null, isLate ? [] : warnings);
      if ("code" in made) return { kind: "refused", onecRef: guid, number: request.number ?? standing?.known.number ?? "", reason: made.msg, raw };
      return made.kind === "order" ? { ...made, raw } : made;
    },
  };
}

/** API-15: an older version than ours is late; one that only forgot to grow is taken. */
const isStale = ({ version }: OrderRequest, { known }: StandingOrder): boolean => version !== null && version !== undefined && known.onecVersion !== null && version < known.onecVersion;

const stale = (guid: string, { known }: StandingOrder): IntakeDocument => ({ kind: "settled", onecRef: guid, number: known.number, orderId: known.orderId, reason: "устаревшая версия", warnings: [] });

const missing = (field: string, msg: string): Problem => ({ code: "missing_field", field, msg });

/** An order that is off may come with all its lines crossed out: that is no word about what was ordered. */
function withoutCrossedOut(request: OrderRequest): OrderRequest {
  const isOff = request.state?.cancelled === true || request.state?.deleted === true;
  if (!isOff || request.items?.length !== 0) return request;
  const { items: _items, amount: _amount, ...rest } = request;
  return rest;
}

function merge(guid: string, given: OrderRequest, standing: StandingOrder | null, world: PatchWorld & SellerRules, warnings: string[]): IntakeDocument | Problem {
  const request = withoutCrossedOut(given);
  const before = standing?.draft ?? null;
  if (!before) {
    if (request.number === null || request.number === undefined) return missing("number", "number: у нового заказа нет номера");
    if (request.amount === null || request.amount === undefined) return missing("amount", "amount: у нового заказа нет суммы");
    if (!request.items || request.items.length === 0) return missing("items", "items: у нового заказа нет строк");
  }
  if (request.items && request.items.length === 0) return missing("items", "items: у заказа нет строк; чтобы отменить заказ, передайте state.cancelled");
  const currency = request.currency?.toLowerCase() ?? "rub";
  if (!["rub", "rur", "643", "руб", "руб."].includes(currency)) return { code: "currency", field: "currency", msg: `currency: валюта ${currency.slice(0, 10).toUpperCase()} не поддерживается, нужны рубли` };

  const local = (when: When | null | undefined) => (when ? ("local" in when ? when.local : localText(when.at, world.zone)) : null);
  const createdLocal = local(request.date) ?? before?.createdLocal ?? localText(world.now, world.zone);
  const goods = goodsOf(request, before, createdLocal, world);
  if ("code" in goods) return goods;
  warnings.push(...goods.warnings);
  const operations: OnecOperation[] = [];
  for (const [at, payment] of (request.payments ?? []).entries()) {
    const read = operationOf(payment, `payments[${at}]`, local);
    if ("code" in read) return read;
    operations.push(read);
  }
  const number = numberOf(request, standing);
  const draft: Omit<OrderDraft, "contentHash"> = {
    kind: "order",
    onecRef: guid,
    number,
    container: null,
    warnings,
    createdLocal,
    totalKopecks: goods.totalKopecks,
    linesMatchTotal: goods.linesMatchTotal,
    vatIncluded: goods.vatIncluded,
    lines: goods.lines,
    buyer: buyerOf(request, before, world, warnings),
    comment: request.comment === undefined ? (before?.comment ?? null) : (request.comment ? cutText(request.comment, COMMENT_MAX) : null),
    manager: managerOf(request.manager, before, warnings),
    payUntil: request.payBy === undefined ? (before?.payUntil ?? null) : payUntil(request.payBy, world.zone),
    payMethods: methodsOf(request.methods, before, warnings),
    terms: request.deferral === undefined ? (before?.terms ?? null) : readTerms(request.deferral),
    state: stateOf(request, before?.state ?? null, createdLocal, local),
    operations,
    ...(typeof request.version === "number" && { version: request.version }),
  };
  const contentHash = hashOf(draft);
  // What 1C does not speak of is no word of 1C: our side's own word about it stands.
  if (request.manager === undefined || request.manager === NO_LABEL) delete draft.manager;
  if (request.payBy === undefined) delete draft.payUntil;
  if (request.methods === undefined) delete draft.payMethods;
  if (request.deferral === undefined) delete draft.terms;
  if (standing && operations.length === 0 && standing.known.onecGuid === guid && contentHash === hashOf(standing.draft)) {
    return { kind: "settled", onecRef: guid, number, orderId: standing.known.orderId, warnings, ...(typeof request.version === "number" && { version: request.version }) };
  }
  return { ...draft, contentHash };
}

/** What our own fields say too: without them a new term alone would be no change. */
const hashOf = (draft: Omit<OrderDraft, "contentHash">): string =>
  sha256Hex(JSON.stringify([hashOrder(draft), draft.payUntil?.getTime() ?? null, draft.payMethods ?? null, draft.terms ? [draft.terms.days, draft.terms.dayKind, draft.terms.base] : null, ...(draft.manager ? [draft.manager] : [])]));

type Goods = { lines: DraftLine[]; totalKopecks: bigint; linesMatchTotal: boolean; vatIncluded: boolean; warnings: string[] };

function goodsOf(request: OrderRequest, before: OrderDraft | null, createdLocal: string, { isRateNeeded }: SellerRules): Goods | Problem {
  const { items, amount } = request;
  if (!items) {
    const { lines, totalKopecks, linesMatchTotal, vatIncluded } = before!;
    if (amount !== null && amount !== undefined && amount !== totalKopecks) return mismatch(linesTotal(lines), amount);
    return { lines, totalKopecks, linesMatchTotal, vatIncluded, warnings: [] };
  }
  const totalKopecks = amount ?? before!.totalKopecks;
  const vatIncluded = request.vatIncluded ?? before?.vatIncluded ?? true;
  const mayUse20 = createdLocal < "2026";
  const gross = readLines(items, { isGross: true, mayUse20, isRateNeeded, standing: before?.lines ?? [] });
  if (vatIncluded || (!("code" in gross) && linesTotal(gross.lines) === totalKopecks)) return checked(gross, totalKopecks, true);
  return checked(readLines(items, { isGross: false, mayUse20, isRateNeeded, standing: before?.lines ?? [] }), totalKopecks, false);
}

/** API-17. */
function checked(read: ReturnType<typeof readLines>, totalKopecks: bigint, vatIncluded: boolean): Goods | Problem {
  if ("code" in read) return read;
  const total = linesTotal(read.lines);
  return total === totalKopecks ? { ...read, totalKopecks, linesMatchTotal: true, vatIncluded } : mismatch(total, totalKopecks);
}

const mismatch = (lines: bigint, amount: bigint): Problem => ({ code: "amount_mismatch", field: "amount", msg: `Сумма строк ${rublesText(lines)} не равна сумме заказа ${rublesText(amount)}` });

/** A number that the buyer knows from the site stays; 1C's own stands beside it. */
function numberOf({ number }: OrderRequest, standing: StandingOrder | null): string {
  if (!standing) return number ?? "";
  const { known } = standing;
  const isOurs = known.onecGuid === null || known.shopConnectionId !== null || (known.onecNumber !== null && known.onecNumber !== known.number);
  return isOurs || !number ? known.number : number;
}

function buyerOf(request: OrderRequest, before: OrderDraft | null, world: PatchWorld, warnings: string[]): DraftBuyer {
  const { customer } = request;
  if (customer === undefined) return before?.buyer ?? nobody;
  if (customer === null) return nobody;
  const standing = before?.buyer ?? nobody;
  const ref = customer.id === undefined ? standing.ref : customer.id;
  // Another buyer than before starts from what is known about him, not from the other one.
  const known = world.buyer ?? (ref === standing.ref ? standing : nobody);
  return mergeBuyer(known, ref, customer, "customer", warnings);
}

/** A day counts to its end: 1C writes midnight for a date without time. */
function payUntil(payBy: When | null, zone: string): Date | null {
  if (payBy === null) return null;
  const text = "local" in payBy ? payBy.local : localText(payBy.at, zone);
  return text.endsWith("T00:00:00") ? instantOfLocal(`${addDays(text.slice(0, 10), 1)}T00:00:00`, zone) : instantOfLocal(text, zone);
}

const offers = { card: "card", карта: "card", sbp: "sbp", сбп: "sbp", invoice: "invoice", счет: "invoice", счёт: "invoice" } as const;

function methodsOf(given: OrderRequest["methods"], before: OrderDraft | null, warnings: string[]): NonNullable<OrderDraft["payMethods"]> | null {
  if (given === undefined) return before?.payMethods ?? null;
  const known = new Set<"card" | "sbp" | "invoice">();
  for (const name of given ?? []) {
    const key = name.trim().toLowerCase();
    if (Object.hasOwn(offers, key)) known.add(offers[key as keyof typeof offers]);
    else if (key !== "") warnings.push(`methods: нет способа «${name.slice(0, 30)}», есть card, sbp, invoice`);
  }
  return known.size === 0 || known.size === 3 ? null : [...known].toSorted();
}

function managerOf(given: OrderRequest["manager"], before: OrderDraft | null, warnings: string[]): string | null {
  if (given === NO_LABEL) warnings.push("manager: нужно имя текстом, поле пропущено");
  return given === undefined || given === NO_LABEL ? (before?.manager ?? null) : given || null;
}

export function readTerms(given: DeferralRequest | null): DraftTerms | null {
  if (given === null || given.days === null || given.days === undefined) return null;
  return { days: given.days, dayKind: given.kind === "workingDays" ? "working" : "calendar", base: given.from === "order" ? "order_date" : given.from === "invoice" ? "invoice_date" : "shipment_date" };
}

function stateOf(request: OrderRequest, before: OnecState | null, createdLocal: string, local: (when: When | null | undefined) => string | null): OnecState {
  const given = request.state ?? {};
  const shippedLocal = local(given.shippedAt);
  return {
    number: request.number ?? before?.number ?? null,
    dateLocal: request.date ? createdLocal : (before?.dateLocal ?? null),
    posted: given.posted ?? before?.posted ?? true,
    deleted: given.deleted ?? before?.deleted ?? false,
    cancelled: given.cancelled ?? before?.cancelled ?? false,
    paid: null,
    // A hand-over is never taken back by silence (2.2); an empty date is silence.
    shipped: shippedLocal === null ? null : { number: given.shipmentNumber ?? null, dateLocal: shippedLocal },
    statusText: given.status === undefined ? (before?.statusText ?? null) : (given.status?.slice(0, 255) ?? null),
    final: given.closed ?? before?.final ?? false,
  };
}

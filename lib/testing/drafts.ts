/** Documents of 1C for tests of the intake, without a file around them. */
import type { Ctx } from "@/lib/context.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { newId, sha256Hex } from "@/lib/kit/ids.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import type { DraftBuyer, DraftLine, OnecOperation, OnecState, OrderDraft, OrderStatus } from "@/lib/onec/wire/index.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { TakenResult } from "@/lib/orders/take-orders.ts";
import type { TestShop } from "./factories.ts";

let counter = 0;

export const aPerson = (given: Partial<DraftBuyer> = {}): DraftBuyer => ({
  ref: newId(), kind: "individual", name: "Иванова Мария Петровна", fullName: "Иванова Мария Петровна", inn: null, kpp: null, address: null, phone: null, email: null, ...given,
});

export const aCompany = (given: Partial<DraftBuyer> = {}): DraftBuyer => ({
  ...aPerson(), kind: "organization", name: "Северный Мастер", fullName: "ООО «Северный Мастер»", inn: "9900000024", kpp: "990101001", ...given,
});

export function aLine(given: { position?: number; sumKopecks?: bigint; name?: string; included?: boolean } = {}): DraftLine {
  const sumKopecks = given.sumKopecks ?? 122_000n;
  const name = given.name ?? "Чайник";
  return {
    position: given.position ?? 1, ref: newId(), article: "Ч-1", name, service: false, unitName: "шт", unitCode: "796", quantity: "1", priceKopecks: sumKopecks, discountKopecks: 0n,
    sumKopecks, vat: "vat22", vatKopecks: vatFromGross(sumKopecks, "vat22"), included: given.included ?? true,
    echo: { id: newId(), article: "Ч-1", name, price: rublesText(sumKopecks), quantity: "1", sum: rublesText(sumKopecks) },
  };
}

const untold: OnecState = { number: null, dateLocal: null, posted: true, deleted: false, cancelled: false, paid: null, shipped: null, statusText: null, final: false };

export type GivenDraft = { onecRef?: string; number?: string; totalKopecks?: bigint; lines?: DraftLine[]; buyer?: DraftBuyer; state?: Partial<OnecState>; operations?: OrderDraft["operations"]; linesMatchTotal?: boolean; comment?: string | null };

/** A posted order of one line. Its hash follows its content, as the reader's does. */
export function aDraft(given: GivenDraft = {}): OrderDraft {
  const lines = given.lines ?? [aLine(given.totalKopecks === undefined ? {} : { sumKopecks: given.totalKopecks })];
  const content = {
    number: given.number ?? `T-${++counter}`,
    createdLocal: "2026-11-20T10:00:00",
    totalKopecks: given.totalKopecks ?? lines.filter((line) => line.included).reduce((sum, line) => sum + line.sumKopecks, 0n),
    linesMatchTotal: given.linesMatchTotal ?? true,
    vatIncluded: true,
    buyer: given.buyer ?? aPerson(),
    comment: given.comment ?? null,
    lines,
    state: { ...untold, ...given.state },
    operations: given.operations ?? [],
  };
  return { kind: "order", onecRef: given.onecRef ?? newId(), container: null, warnings: [], ...content, contentHash: hashOf(content) };
}

/** A payment, hand-over or return of 1C beside an order, posted. */
export const anOperation = (given: Partial<Omit<OnecOperation, "marks">> & { marks?: Partial<OnecOperation["marks"]> } = {}): OnecOperation => ({
  ref: newId(), number: "", operation: "Выплата безналичных денег", createdLocal: "2026-11-20T11:00:00", totalKopecks: null, baseRef: null, container: null, lines: [], ...given,
  marks: {
    onecNumber: null, onecDateLocal: null, posted: true, deleted: null, cancelled: null, paid: null, shipped: null, final: null, paymentNumber: null, paymentDateLocal: null, shipmentNumber: null,
    shipmentDateLocal: null, statusText: null, statusId: null, paymentMethod: null, paymentMethodId: null, bankDocumentNumber: null, receiptNumber: null, refund: null, ...given.marks,
  },
});

/** The same order uploaded again with some things changed. */
export const changed = (draft: OrderDraft, given: GivenDraft): OrderDraft =>
  aDraft({
    onecRef: draft.onecRef, number: draft.number, buyer: draft.buyer, operations: draft.operations, linesMatchTotal: draft.linesMatchTotal, comment: draft.comment, ...given,
    lines: given.lines ?? (given.totalKopecks === undefined ? draft.lines : [{ ...draft.lines[0]!, sumKopecks: given.totalKopecks }]),
    state: { ...draft.state, ...given.state },
  });

/** A short document: states only (CML-31). */
export function aStatus(draft: OrderDraft, state: Partial<OnecState>): OrderStatus {
  const content = { state: { ...untold, ...state }, operations: [] };
  return { kind: "status", onecRef: draft.onecRef, number: draft.number, container: null, warnings: [], ...content, contentHash: hashOf(content) };
}

const hashOf = (content: unknown) => sha256Hex(JSON.stringify(content, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));

/** What the exchange does with one upload. */
export const upload = async ({ ctx }: { ctx: Ctx }, shop: TestShop, ...documents: Parameters<typeof takeOrders>[2][number][]): Promise<TakenResult[]> =>
  takeOrders(ctx, await loadConnection(ctx, shop.onecId), documents);

import { createHash } from "node:crypto";
import type { DraftBuyer, DraftLine, OnecOperation, OnecState } from "./order-draft.ts";
import type { EchoLine } from "./types.ts";

type Value = string | number | boolean | bigint | null | undefined;

/**
 * CML-20: sha256 in hex over values, not over spelling: `3746` and `3746.00`, indents and the order of elements make no
 * difference. Fields are listed one by one, so that the hash of a stored order survives changes of our types; a field
 * added here makes every order look changed once, which is harmless.
 */
export const hashOrder = (order: {
  number: string;
  createdLocal: string | null;
  totalKopecks: bigint;
  linesMatchTotal: boolean;
  vatIncluded: boolean;
  comment: string | null;
  buyer: DraftBuyer;
  lines: DraftLine[];
  state: OnecState;
  operations: OnecOperation[];
}): string => {
  const { buyer } = order;
  return sha256([
    "order", order.number, order.createdLocal, order.totalKopecks, order.linesMatchTotal, order.vatIncluded, order.comment,
    buyer.ref, buyer.kind, buyer.name, buyer.fullName, buyer.inn, buyer.kpp, buyer.address, buyer.phone, buyer.email,
    order.lines.length, ...order.lines.flatMap(lineValues),
    ...stateValues(order.state),
    ...order.operations.flatMap(operationValues),
  ]);
};

export const hashStatus = (status: { state: OnecState; operations: OnecOperation[] }): string =>
  sha256(["status", ...stateValues(status.state), ...status.operations.flatMap(operationValues)]);

export const hashOperation = (operation: OnecOperation): string => sha256(["other", ...operationValues(operation)]);

const lineValues = (line: DraftLine): Value[] => [
  line.position, line.ref, line.article, line.name, line.service, line.unitName, line.unitCode, line.quantity,
  line.priceKopecks, line.discountKopecks, line.sumKopecks, line.vat, line.vatKopecks, line.included, ...echoValues(line.echo),
];

/** What the line's own fields do not say, and 1C must get back. */
const echoValues = ({ barcode, name, unit, taxRates, requisites, packUnit, coefficient }: EchoLine): Value[] => [
  barcode, name, unit?.code, unit?.fullName, unit?.international, unit?.text, packUnit, coefficient,
  taxRates?.length, ...(taxRates ?? []).flatMap((rate) => [rate.name, rate.rate]),
  requisites?.length, ...(requisites ?? []).flatMap((each) => [each.name, ...(each.values ?? [])]),
];

const stateValues = (state: OnecState): Value[] => [
  state.number, state.dateLocal, state.posted, state.deleted, state.cancelled, state.paid !== null, state.paid?.number,
  state.paid?.dateLocal, state.shipped !== null, state.shipped?.number, state.shipped?.dateLocal, state.statusText, state.final,
];

const operationValues = ({ marks, lines, ...operation }: OnecOperation): Value[] => [
  "operation", operation.ref, operation.number, operation.operation, operation.createdLocal, operation.totalKopecks, operation.baseRef,
  marks.onecNumber, marks.onecDateLocal, marks.posted, marks.deleted, marks.cancelled, marks.paid, marks.shipped, marks.final,
  marks.paymentNumber, marks.paymentDateLocal, marks.shipmentNumber, marks.shipmentDateLocal, marks.statusText, marks.paymentMethod,
  marks.bankDocumentNumber, marks.receiptNumber, marks.refund, lines.length, ...lines.flatMap((line) => [line.ref, line.name, line.quantity, line.sumKopecks, line.vat]),
];

/** A flat list as JSON is unambiguous, and costs a third of a canonical form of the objects (measured). */
const sha256 = (values: Value[]): string =>
  createHash("sha256").update(JSON.stringify(values.map((value) => (typeof value === "bigint" ? value.toString() : (value ?? null))))).digest("hex");

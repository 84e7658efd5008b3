import { createHash } from "node:crypto";
import type { DraftBuyer, DraftLine, OnecOperation, OnecState } from "./order-draft.ts";

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
  const values = new Values("order");
  values.add(order.number, order.createdLocal, order.totalKopecks, order.linesMatchTotal, order.vatIncluded, order.comment);
  values.add(buyer.ref, buyer.kind, buyer.name, buyer.fullName, buyer.inn, buyer.kpp, buyer.address, buyer.phone, buyer.email);
  values.add(order.lines.length);
  for (const line of order.lines) addLine(values, line);
  addState(values, order.state);
  for (const operation of order.operations) addOperation(values, operation);
  return values.sha256();
};

export const hashStatus = (status: { state: OnecState; operations: OnecOperation[] }): string => {
  const values = new Values("status");
  addState(values, status.state);
  for (const operation of status.operations) addOperation(values, operation);
  return values.sha256();
};

export const hashOperation = (operation: OnecOperation): string => {
  const values = new Values("other");
  addOperation(values, operation);
  return values.sha256();
};

function addLine(values: Values, line: DraftLine): void {
  values.add(line.position, line.ref, line.article, line.name, line.service, line.unitName, line.unitCode, line.quantity);
  values.add(line.priceKopecks, line.discountKopecks, line.sumKopecks, line.vat, line.vatKopecks, line.included);
  // What the line's own fields do not say, and 1C must get back.
  const { barcode, name, unit, taxRates, requisites, packUnit, coefficient } = line.echo;
  values.add(barcode, name, unit?.code, unit?.fullName, unit?.international, unit?.text, packUnit, coefficient);
  values.add(taxRates?.length);
  if (taxRates) for (const rate of taxRates) values.add(rate.name, rate.rate);
  values.add(requisites?.length);
  if (requisites) for (const each of requisites) values.add(each.name, each.values?.length, ...(each.values ?? []));
}

function addState(values: Values, state: OnecState): void {
  values.add(state.number, state.dateLocal, state.posted, state.deleted, state.cancelled, state.paid !== null, state.paid?.number);
  values.add(state.paid?.dateLocal, state.shipped !== null, state.shipped?.number, state.shipped?.dateLocal, state.statusText, state.final);
  // «Отгружен» beside a number or a status that says it as well.
  if (state.shipped !== null) values.add(state.shipped.byFlag === true, state.unshipped === true);
}

function addOperation(values: Values, { marks, lines, ...operation }: OnecOperation): void {
  values.add("operation", operation.ref, operation.number, operation.operation, operation.createdLocal, operation.totalKopecks, operation.baseRef);
  values.add(marks.onecNumber, marks.onecDateLocal, marks.posted, marks.deleted, marks.cancelled, marks.paid, marks.shipped, marks.final);
  values.add(marks.paymentNumber, marks.paymentDateLocal, marks.shipmentNumber, marks.shipmentDateLocal, marks.statusText, marks.paymentMethod);
  values.add(marks.bankDocumentNumber, marks.receiptNumber, marks.refund, lines.length);
  for (const line of lines) values.add(line.ref, line.name, line.quantity, line.sumKopecks, line.vat);
}

/** How the lengths of most values are written: made anew for each value they took a third of the time of the hash (measured). */
const lengths = Array.from({ length: 1_000 }, (_, length) => `${length}:`);

/** Each value with its length before it: unambiguous, and two fifths of the time of a list as JSON (measured). */
class Values {
  private text: string;

  constructor(kind: string) {
    this.text = kind;
  }

  add(...values: Value[]): void {
    for (const value of values) {
      if (value === null || value === undefined) {
        this.text += "-";
      } else {
        const written = typeof value === "string" ? value : String(value);
        this.text = this.text + (lengths[written.length] ?? `${written.length}:`) + written;
      }
    }
  }

  sha256(): string {
    return createHash("sha256").update(this.text).digest("hex");
  }
}

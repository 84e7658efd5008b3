import type { Tx } from "@/db/index.ts";
import { isRefund } from "@/lib/onec/wire/refund-operation.ts";
import type { Incoming } from "./batches.ts";
import { lockKnownOrders } from "./known-orders.ts";
import type { Intake, OrderKeys } from "./known-orders.ts";

/** `lockKnownOrders` of all that these documents name. */
export const lockNamedOrders = (tx: Tx, base: { id: string; storeId: string }, incoming: readonly Incoming[]): Promise<Intake> =>
  lockKnownOrders(tx, { connectionId: base.id, storeId: base.storeId }, keysOf(incoming), keysOf(incoming.filter(namesRefund)));

function keysOf(incoming: readonly Incoming[]): OrderKeys {
  const readable = incoming.filter((d) => d.kind !== "refused");
  return {
    ids: readable.flatMap((d) => (d.kind === "patch" && d.orderId !== null ? [d.orderId] : [])),
    numbers: readable.map((d) => (d.kind === "other" ? (d.operation.baseRef ?? "") : d.number)),
    guids: readable.map((d) => (d.kind === "other" ? (d.operation.baseRef ?? "") : d.onecRef)),
  };
}

function namesRefund(document: Incoming): boolean {
  if (document.kind === "refused") return false;
  if (document.kind === "patch") return document.namesRefund;
  return document.kind === "other" ? isRefund(document.operation) : document.operations.some(isRefund);
}

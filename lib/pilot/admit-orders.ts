import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { chooseOrders } from "./choose-orders.ts";
import type { StoreMode } from "./states.ts";

/** How a store stands when orders come: read by the intake in the same trip as everything else. */
export type StoreDoor = { mode: StoreMode; isStopped: boolean };

type Taken = { storeId: string; isTest: boolean; orders: readonly { orderId: string; isNew: boolean }[] };

/**
 * Lets taken orders into the pilot where the store runs one, and answers which of them may be offered for payment at once. Costs nothing
 * when the store is live.
 */
export async function admitOrders(ctx: Ctx, tx: Tx, door: StoreDoor, { storeId, isTest, orders }: Taken): Promise<(orderId: string) => boolean> {
  const chosen = new Set<string>();
  if (door.mode === "pilot" && orders.length > 0) {
    const ids = (isNew: boolean) => orders.filter((order) => order.isNew === isNew).map((order) => order.orderId);
    for (const { orderId } of await chooseOrders(ctx, tx, { storeId, isTest, fresh: ids(true), known: ids(false) })) chosen.add(orderId);
  }
  if (door.isStopped) return () => false;
  switch (door.mode) {
    case "live":
      return () => true;
    case "sandbox":
      return () => isTest;
    case "pilot":
      return (orderId) => chosen.has(orderId);
    case "off":
    case "shadow":
      return () => false;
  }
}

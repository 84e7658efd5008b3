import type { Tx } from "@/db/index.ts";
import { ownEditWrite } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import type { LockedOrder } from "./lock-order.ts";

/** Our side's contact for the receipt of a locked order: from now on 1C does not overwrite it in silence (`lib/conflicts`). `contact` is parsed. */
export async function setOwnContact(ctx: Ctx, tx: Tx, { orderId, onecConnectionId, orderContact }: Pick<LockedOrder, "orderId" | "onecConnectionId" | "orderContact">, contact: string): Promise<void> {
  if (contact === orderContact) return;
  await Promise.all([
    tx`update orders set contact = ${contact} where id = ${orderId}`,
    onecConnectionId === null ? null : ownEditWrite(ctx, tx, { objectType: "order", objectId: orderId, field: "contact", before: orderContact, after: contact }),
  ]);
}

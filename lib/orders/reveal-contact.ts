import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, notFound } from "@/lib/kit/errors.ts";

/** Shows a buyer's contact to a person who may see it; who looked is written down (ux.md 10). */
export async function revealContact(ctx: Ctx, orderId: string): Promise<string | null> {
  const { actor } = ctx;
  if (actor.kind !== "staff" || !can(actor.role, "contacts.see")) throw forbidden();
  const { storeId } = viewerOf(actor);
  return inTransaction(ctx, async (tx) => {
    const [row] = await tx<{ contact: string | null }[]>`select contact from orders where id = ${orderId} ${storeId ? tx`and store_id = ${storeId}` : tx``}`;
    if (!row) throw notFound("Заказ не найден");
    await recordAudit(ctx, tx, { action: "contact.revealed", objectType: "order", objectId: orderId });
    return row.contact;
  });
}

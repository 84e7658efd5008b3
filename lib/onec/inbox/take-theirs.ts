import type { Tx } from "@/db/index.ts";
import { dropEdits } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { setBuyerTerms, termsOfText } from "@/lib/orders/set-terms.ts";
import { refreshOffer } from "@/lib/payments/offer-links.ts";
import { CLOSING } from "../payment-taken-back.ts";
import type { OpenConflict } from "./decide-conflict.ts";

const buyerColumns: Record<string, string> = { "buyer.officialName": "official_name", "buyer.inn": "inn", "buyer.kpp": "kpp", "buyer.address": "address", "buyer.email": "email", "buyer.phone": "phone" };

/** The value becomes 1C's, and the field is 1C's again. The order is locked, or all orders of the buyer whose terms it is. Throws `invalid` for a field that has no such verb. */
export async function takeTheirs(ctx: Ctx, tx: Tx, row: OpenConflict): Promise<void> {
  const { field, theirs, orderId, counterpartyId } = row;
  if (field === "version" && orderId) return void (await tx`update orders set onec_version = ${theirs}::bigint where id = ${orderId}`);
  if (field === "terms" && counterpartyId) {
    await tx`select 1 from counterparties where id = ${counterpartyId} for no key update`;
    await setBuyerTerms(ctx, tx, counterpartyId, termsOfText(theirs ?? "0"));
    return dropEdits(tx, [{ objectId: row.objectKey, field }]);
  }
  if (field === CLOSING && orderId) {
    await tx`update orders set onec_payment_number = null, onec_payment_at = null, updated_at = ${ctx.now()} where id = ${orderId}`;
    return void (await refreshOffer(ctx, tx, orderId));
  }
  const column = buyerColumns[field];
  if (column && counterpartyId) await tx`update counterparties set ${tx(column)} = ${theirs || null}, updated_at = ${ctx.now()} where id = ${counterpartyId}`;
  else if (field === "contact" && orderId) {
    await tx`update orders set contact = ${theirs} where id = ${orderId}`;
    await recordEvent(ctx, tx, { orderId, kind: "contact.changed" });
  } else if (field === "payBy" && orderId) {
    await tx`update orders set pay_until = ${theirs ? new Date(theirs) : null}, updated_at = ${ctx.now()} where id = ${orderId}`;
    await refreshOffer(ctx, tx, orderId);
  } else throw invalid("Это значение меняется не здесь");
  await dropEdits(tx, [{ objectId: row.objectKey, field }]);
}

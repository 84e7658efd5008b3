import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { newExternalId } from "./external-id.ts";
import type { ReceiptPurpose } from "./external-id.ts";
import { isOrderFault, isPlannersFault, replanReceipt } from "./replan-receipt.ts";
import type { ReceiptState } from "./states.ts";

/**
 * «Повторить»: a person sends a receipt again. A rejected one goes with a new id (the register never kept the old one); one
 * that waits for its next try goes at once with the same id. While the outcome is unknown it is asked for, never sent
 * again. One that our own checks stopped is planned anew from the order as 1C has corrected it, checks and all. The contact
 * may be corrected before the receipt is registered.
 */
export async function repeatReceipt(ctx: Ctx, input: { receiptId: string; contact?: string | null }): Promise<void> {
  if (ctx.actor.kind === "staff" && !can(ctx.actor.role, "receipt.repeat")) throw forbidden();
  const contact = input.contact ? parseContact(input.contact) : null;
  if (contact && "error" in contact) throw invalid("Проверьте адрес почты или телефон", { field: "contact" });
  await inTransaction(ctx, async (tx) => {
    // The order first, as every money verb: what other receipts of it hold must not move meanwhile.
    await tx`select 1 from orders where id = (select order_id from receipts where id = ${input.receiptId}) for no key update`;
    const [row] = await tx<{ orderId: string | null; orderNo: bigint | null; state: ReceiptState; stepNo: number; tryNo: number; failCode: string | null; contact: string | null; externalId: string; connectionId: string | null; purpose: ReceiptPurpose; lines: bigint; registerId: string | null }[]>`
      select r.order_id, o.no as order_no, r.state, r.step_no, r.try_no, r.fail_code, r.contact, r.external_id, r.connection_id, r.purpose,
             (select count(*) from receipt_lines l where l.receipt_id = r.id) as lines,
             (select c.id from connections c where c.kind = 'register' and c.enabled and c.seller_org_id = o.seller_org_id
                and c.environment = (case when r.is_test then 'test' else 'live' end) order by c.priority, c.created_at limit 1) as register_id
        from receipts r left join orders o on o.id = r.order_id where r.id = ${input.receiptId} for update of r`;
    if (!row) throw notFound("Чек не найден");
    const { state } = row;
    if (state !== "failed_final" && state !== "failed_retryable" && state !== "unknown") throw conflict("Этот чек повторять не нужно: он уже в работе или пробит");
    if (row.failCode === "RECEIPT_DUPLICATE" || row.failCode === "LOST_BY_REGISTER") throw conflict("Повтор может пробить второй чек. Сначала сверьте документ в кабинете кассы");
    if (row.failCode === "LATE_NEEDS_CORRECTION") throw conflict("Срок обычного чека прошёл. Сделайте чек коррекции");
    if (row.failCode === "RETURN_NOT_COVERED" || row.failCode === "HAND_OVER_WITHDRAWN" || row.failCode === "MARK_CODE_REQUIRED") throw conflict("Повтор не поможет. Пробейте чек на другой кассе и закройте запись");
    if (row.orderId === null || row.lines === 0n) throw conflict("Сначала привяжите платёж к заказу: чек не из чего собрать");
    const nextContact = contact ? contact.value : row.contact;
    if (nextContact === null) throw invalid("Укажите почту или телефон покупателя", { field: "contact" });
    const contactChanged = nextContact !== row.contact;
    if (contactChanged && state !== "failed_final") throw conflict("Контакт можно исправить только у отклонённого чека");
    const isOfCapture = row.purpose === "prepayment" || row.purpose === "advance" || row.purpose === "credit_payment";
    // The lines of a hand-over or a return are history: only a register or a contact can be added.
    if (!isOfCapture && isOrderFault(row.failCode)) throw conflict("Повтор не поможет: строки этого чека уже не изменить. Пробейте его на другой кассе и закройте запись");
    if (state === "failed_final" && isOfCapture && isPlannersFault(row.failCode)) {
      const replannedAs = await replanReceipt(ctx, tx, { receiptId: input.receiptId, orderId: row.orderId, failCode: row.failCode, contact: nextContact });
      await recordEvent(ctx, tx, { orderId: row.orderId, kind: "receipt.repeated", subjectId: replannedAs });
      await recordAudit(ctx, tx, { action: "receipt.repeated", objectType: "receipt", objectId: input.receiptId, before: { state, failCode: row.failCode }, after: { state: "cancelled", replannedAs, contactChanged } });
      return;
    }
    // Without a register nothing would ever take it, and a second repeat would be refused.
    if (row.connectionId === null && row.registerId === null) throw conflict("Не подключена касса организации. Подключите кассу в настройках и повторите чек");
    const fresh = state === "failed_final";
    const externalId = fresh && row.failCode !== "RETRIES_EXHAUSTED" ? newExternalId(row.orderNo, row.purpose, row.tryNo + 1) : row.externalId;
    const isNewId = externalId !== row.externalId;
    await tx`
      update receipts set state = ${state === "failed_final" ? "queued" : state}, step_no = step_no + 1, claimed_until = null, next_try_at = ${ctx.now()}, send_count = 0,
        contact = ${nextContact}, connection_id = coalesce(connection_id, ${row.registerId}), external_id = ${externalId}, try_no = try_no + ${isNewId ? 1 : 0},
        request_body = case when ${isNewId} then null else request_body end, request_sha256 = case when ${isNewId} then null else request_sha256 end
      where id = ${input.receiptId}`;
    await ctx.enqueue(tx, "receipt.work", { receiptId: input.receiptId, stepNo: row.stepNo + 1 });
    await recordEvent(ctx, tx, { orderId: row.orderId, kind: "receipt.repeated", subjectId: input.receiptId });
    await recordAudit(ctx, tx, { action: "receipt.repeated", objectType: "receipt", objectId: input.receiptId, before: { state, externalId: row.externalId }, after: { state: "queued", externalId, contactChanged } });
  });
}

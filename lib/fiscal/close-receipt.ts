import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";

const NOTE_MIN = 5;
const NOTE_MAX = 300;

/**
 * A person ends a receipt that only a person can end: `failed_final` → `not_required`, with a note of why, which stands in the
 * audit log. Throws `forbidden`, `invalid` (no note), `not_found`, `conflict` (any other state).
 */
export async function closeReceipt(ctx: Ctx, input: { receiptId: string; note: string }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "receipt.close")) throw forbidden();
  const note = input.note.trim();
  if (note.length < NOTE_MIN || note.length > NOTE_MAX) throw invalid("Напишите, почему чек не нужен или где он пробит", { field: "note" });
  await inTransaction(ctx, async (tx) => {
    await tx`select 1 from orders where id = (select order_id from receipts where id = ${uuidOrNull(input.receiptId)}) for no key update`;
    const [row] = await tx<{ orderId: string | null; state: string; failCode: string | null }[]>`select order_id, state, fail_code from receipts where id = ${uuidOrNull(input.receiptId)} for update`;
    if (!row) throw notFound("Чек не найден");
    if (row.state !== "failed_final") throw conflict("Закрыть можно только чек, который ждёт решения");
    await tx`update receipts set state = 'not_required', reason_code = 'closed_by_staff', step_no = step_no + 1, next_try_at = null where id = ${uuidOrNull(input.receiptId)}`;
    if (row.orderId) await recordEvent(ctx, tx, { orderId: row.orderId, kind: "receipt.not_required", subjectId: input.receiptId, detail: { reason: "closed_by_staff" } });
    await recordAudit(ctx, tx, { action: "receipt.closed", objectType: "receipt", objectId: input.receiptId, before: { state: row.state, failCode: row.failCode }, after: { state: "not_required", note } });
  });
}

import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { addEvidence } from "@/lib/evidence/index.ts";
import { conflict, forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { formatDateShort, formatMoney } from "@/lib/kit/format.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { lockOrder } from "@/lib/orders/lock-order.ts";
import type { LockedOrder } from "@/lib/orders/lock-order.ts";
import { recordTransfer, refreshOffer } from "@/lib/payments/index.ts";
import { statementKey } from "@/lib/payments/index.ts";
import { alertUnidentified } from "./alert-unidentified.ts";
import { lockBankLine } from "./bank-line.ts";
import type { BankLine } from "./bank-line.ts";
import { creditedAt, recordAdvance } from "./record-advance.ts";
import type { Payer } from "./record-advance.ts";
import { toldTransfers } from "./told-transfers.ts";

export type BindBankLine = {
  bankLineId: string;
  /** One of the two: the order that was paid, or whose advance it is. */
  orderId?: string | null;
  counterpartyId?: string | null;
  reason: string;
};

/**
 * A person says whose money a credit of the statement is (LOST-23, permission `payment.bind`, audited, the line kept as evidence): an
 * order's, or a counterparty's advance. A transfer of this sum that the order has been told of already is the same money and is not
 * booked again. Returns the fact. Throws `forbidden`, `invalid` (details.field: target, reason), `not_found`, `conflict`.
 */
export async function bindBankLine(ctx: Ctx, input: BindBankLine): Promise<{ factId: string }> {
  const reason = checked(ctx, input.reason);
  const orderId = input.orderId ?? null;
  if ((orderId === null) === ((input.counterpartyId ?? null) === null)) throw invalid("Выберите заказ или плательщика", { field: "target" });
  const factId = await inTransaction(ctx, async (tx) => {
    const order = orderId === null ? null : await lockOrder(tx, orderId);
    const line = await lockFree(tx, input.bankLineId);
    const found = order ? await bindToOrder(ctx, tx, line, order, reason) : await bindToPayer(ctx, tx, line, input.counterpartyId!);
    await tx`update bank_statement_lines set fact_id = ${found}, ${handled(ctx, tx, reason)} where id = ${line.lineId}`;
    const day = formatDateShort(new Date(`${line.receivedOn}T12:00:00Z`));
    await addEvidence(ctx, tx, { objectType: "fact", objectId: found, orderId }, {
      note: `Выписка банка от ${day}, документ ${line.number ?? "б/н"} на ${formatMoney(line.amountKopecks)}. Плательщик: ${line.payerName ?? "не назван"}, ИНН ${line.payerInn ?? "не указан"}. Назначение: ${line.purpose}`.slice(0, 2_000),
    });
    await recordAudit(ctx, tx, { action: "bank_line.bound", objectType: "bank_line", objectId: line.lineId, reason, after: { factId: found, orderId, counterpartyId: input.counterpartyId ?? null, amountKopecks: line.amountKopecks } });
    await alertUnidentified(ctx, tx);
    return found;
  });
  if (orderId !== null) ctx.hint(orderId);
  return { factId };
}

/**
 * A person says that a credit is no buyer's payment (permission `payment.bind`, audited): a loan, a supplier's refund. It stays in the
 * statement and is not asked about again; it may still be bound later. Throws `forbidden`, `invalid`, `not_found`, `conflict`.
 */
export async function setBankLineAside(ctx: Ctx, input: { bankLineId: string; reason: string }): Promise<void> {
  const reason = checked(ctx, input.reason);
  await inTransaction(ctx, async (tx) => {
    const line = await lockFree(tx, input.bankLineId);
    await tx`update bank_statement_lines set ${handled(ctx, tx, reason)} where id = ${line.lineId}`;
    await recordAudit(ctx, tx, { action: "bank_line.set_aside", objectType: "bank_line", objectId: line.lineId, reason, after: { amountKopecks: line.amountKopecks } });
    await alertUnidentified(ctx, tx);
  });
}

function checked(ctx: Ctx, given: string): string {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "payment.bind")) throw forbidden();
  const reason = given.trim();
  if (reason === "" || reason.length > 1_000) throw invalid("Напишите, почему вы так решили", { field: "reason" });
  return reason;
}

const handled = (ctx: Ctx, tx: Tx, reason: string) => tx`handled_by = ${actorText(ctx.actor)}, handled_at = ${ctx.now()}, handled_reason = ${reason}`;

async function lockFree(tx: Tx, lineId: string): Promise<BankLine> {
  const line = await lockBankLine(tx, lineId);
  if (!line || line.direction !== "credit") throw notFound("Поступление не найдено");
  if (line.factId !== null) throw conflict("Это поступление уже учтено", { reason: "booked" });
  if (line.settlementId !== null) throw conflict("Это возмещение банка, а не оплата покупателя", { reason: "settlement" });
  return line;
}

async function bindToOrder(ctx: Ctx, tx: Tx, line: BankLine, order: LockedOrder, reason: string): Promise<string> {
  if (order.isTest !== line.isTest) throw conflict("Тестовые и настоящие деньги не смешиваются");
  if (line.sellerOrgId !== null && line.sellerOrgId !== order.sellerOrgId) throw conflict("Деньги пришли на счёт другой организации");
  const told = (await toldTransfers(tx, line, order.orderId)).find((each) => each.amountKopecks === line.amountKopecks);
  if (told) return told.factId;
  const booked = await recordTransfer(ctx, tx, order, {
    amountKopecks: line.amountKopecks, method: "bank_transfer", documentKey: statementKey(line.lineId), documentNumber: line.number, occurredAt: creditedAt(ctx, line.receivedOn), fiscalOwner: "site",
    note: reason.slice(0, 500), told: { text: reason, bankLineId: line.lineId, payerName: line.payerName, payerInn: line.payerInn, purpose: line.purpose.slice(0, 500) },
  });
  if (!booked) throw conflict(`Документ ${line.number ?? "б/н"} по этому заказу уже учтён на другую сумму: сверьте его с выпиской`, { reason: "booked" });
  await refreshOffer(ctx, tx, order.orderId);
  return booked.factId;
}

async function bindToPayer(ctx: Ctx, tx: Tx, line: BankLine, counterpartyId: string): Promise<string> {
  const [payer] = await tx<Payer[]>`select id as counterparty_id, payer_kind, name from counterparties where id = ${uuidOrNull(counterpartyId)}`;
  if (!payer) throw notFound("Плательщик не найден");
  return recordAdvance(ctx, tx, line, payer, line.amountKopecks);
}

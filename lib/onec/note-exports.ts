import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { isTypedInSql } from "@/lib/exports/index.ts";
import { NBSP, formatMoney } from "@/lib/kit/format.ts";
import type { FactKind } from "@/lib/ledger/index.ts";
import { writeMessages } from "@/lib/onec-messages/index.ts";
import type { MessageDoor, MessageKind, MessageResult, Payload } from "@/lib/onec-messages/index.ts";
import type { ExportState } from "./states.ts";

type Row = { id: string; connectionId: string; orderId: string; number: string; onecGuid: string | null; kind: FactKind; amountKopecks: bigint; state: ExportState; isTypedIn: boolean; documentNumber: string | null; rejectedReason: string | null };

/** What the journal calls money of each kind, and how the sentence begins. */
export const moneyMessages: Record<FactKind, { kind: MessageKind; what: string }> = {
  payment_captured: { kind: "payment", what: "Оплата" },
  payment_reversed: { kind: "reversal", what: "Отмена оплаты" },
  refund_succeeded: { kind: "refund", what: "Возврат денег" },
  refund_reversed: { kind: "refund", what: "Возврат денег не прошёл:" },
  chargeback: { kind: "dispute", what: "Списание по спору" },
  chargeback_reversed: { kind: "dispute", what: "Спор выигран:" },
  authorized: { kind: "payment", what: "Блокировка" },
  authorization_voided: { kind: "reversal", what: "Снятие блокировки" },
};

const results: Record<ExportState, MessageResult> = { pending: "waiting_1c", delivered: "waiting_1c", confirmed: "confirmed", rejected: "error" };

/** The sentence of a message about money. */
export const moneySentence = ({ kind, amountKopecks, number }: Pick<Row, "kind" | "amountKopecks" | "number">): string => `${moneyMessages[kind].what} ${formatMoney(amountKopecks)} по заказу №${NBSP}${number}`;

function textOf({ state, isTypedIn, documentNumber, rejectedReason }: Row, isOut: boolean): string {
  if (state === "confirmed" && isTypedIn) return documentNumber ? `Проведено в 1С вручную: документ №${NBSP}${documentNumber}` : "Проведено в 1С вручную";
  if (state === "confirmed") return documentNumber ? `1С учла: документ №${NBSP}${documentNumber}` : "1С учла";
  if (state === "rejected") return `1С не приняла: ${rejectedReason ?? "причина не названа"}`;
  if (state === "delivered") return "1С забрала, ждём номер её документа";
  return isOut ? "Отдано, 1С ещё не сообщила об успешной загрузке" : "Передаём ещё раз";
}

/**
 * Brings the journal in line with these rows of `export_messages`, in the transaction that changed them, after the order's story has it: each is one message, whose
 * id is theirs. `isAttempt`: it has just gone out.
 */
export async function noteExports(ctx: Ctx, tx: Tx, exportIds: readonly string[], sent: { door: MessageDoor; isAttempt?: boolean; payloads?: ReadonlyMap<string, Payload>; answer?: string | null; durationMs?: number } | null = null): Promise<void> {
  if (exportIds.length === 0) return;
  const rows = await tx<(Row & { channel: MessageDoor })[]>`
    select m.id, m.connection_id, m.order_id, o.number, o.onec_guid, f.kind, m.amount_kopecks, m.state, ${isTypedInSql(tx, tx`m.order_id`, tx`m.id`)} as is_typed_in, m.onec_document_number as document_number, m.rejected_reason, coalesce(c.money_channel, 'commerceml') as channel
      from export_messages m join orders o on o.id = m.order_id join money_facts f on f.id = m.fact_id join connections c on c.id = m.connection_id where m.id = any(${exportIds as string[]}::uuid[]) order by m.id`;
  for (const connectionId of new Set(rows.map((row) => row.connectionId))) {
    const own = rows.filter((row) => row.connectionId === connectionId);
    await writeMessages(ctx, tx, connectionId, own.map((row) => ({
      id: row.id, door: sent?.door ?? row.channel, direction: "out", kind: moneyMessages[row.kind].kind, objectGuid: row.onecGuid, objectNumber: row.number, orderId: row.orderId, summary: moneySentence(row),
      result: results[row.state], resultText: textOf(row, sent?.isAttempt ?? false), payload: sent?.payloads?.get(row.orderId) ?? null, answer: sent?.answer ?? null, durationMs: sent?.durationMs ?? null,
    })), { countsAttempt: sent?.isAttempt ?? false });
  }
}

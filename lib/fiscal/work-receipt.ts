import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import { loadConnection, setBlocked } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS } from "@/lib/kit/time.ts";
import type { CashRegister, PreparedReceipt, SendOutcome, StatusOutcome } from "./cash-register.ts";
import { ReceiptNotExpressible } from "./cash-register.ts";
import { claimReceipt } from "./claim-receipt.ts";
import type { ClaimedReceipt } from "./claim-receipt.ts";
import { newExternalId } from "./external-id.ts";
import { failReceipt } from "./fail-receipt.ts";
import { isTooLate } from "./is-too-late.ts";
import { logExchange } from "./log-exchange.ts";
import { cashRegisterOf } from "./registry.ts";
import { askDelayMs, resendDelayMs } from "./retry-plan.ts";
import { settleReceipt } from "./settle-receipt.ts";

const CALL_LIMIT_MS = 30_000;
/** Our credentials are refused: try again at this pace, the whole account waits. */
const BLOCKED_RETRY_MS = 5 * MINUTE_MS;

/**
 * Job: one step of a receipt's life: prepare and send, or ask for it. A receipt whose outcome is not known is asked for
 * before it is sent again, with the same id (FISC, LOST-15); one id is never printed twice. `stepNo` that is not the
 * receipt's next step belongs to an old chain and does nothing.
 */
export async function workReceipt(ctx: Ctx, receiptId: string, stepNo: number): Promise<void> {
  const receipt = await claimReceipt(ctx, receiptId, stepNo);
  if (!receipt) return;
  const connection = await loadConnection(ctx, receipt.connectionId);
  const register = cashRegisterOf(connection);
  const prepared = await prepare(ctx, register, receipt);
  if (!prepared) return;
  if (receipt.state === "sent" || receipt.state === "unknown") await ask(ctx, register, receipt, prepared);
  else await send(ctx, register, receipt, prepared);
}

/** The bytes are stored before the first send and used for each repetition (fiscal README 4). */
async function prepare(ctx: Ctx, register: CashRegister, receipt: ClaimedReceipt): Promise<PreparedReceipt | null> {
  if (receipt.requestBody !== null) return { body: receipt.requestBody, sha256: receipt.requestSha256, kind: receipt.document.kind, ffd: receipt.document.ffd };
  try {
    const prepared = register.prepare(receipt.document);
    await ctx.database.sql`update receipts set request_body = ${prepared.body}, request_sha256 = ${prepared.sha256} where id = ${receipt.receiptId} and request_body is null`;
    return prepared;
  } catch (error) {
    if (!(error instanceof ReceiptNotExpressible)) throw error;
    await failReceipt(ctx, receipt, error.field, error.message);
    return null;
  }
}

async function send(ctx: Ctx, register: CashRegister, receipt: ClaimedReceipt, prepared: PreparedReceipt): Promise<void> {
  // Never at the register: nothing but this moment decides whether it is still an ordinary receipt (FISC-31).
  if (await isTooLate(ctx, receipt)) return failReceipt(ctx, receipt, "LATE_NEEDS_CORRECTION", "Срок обычного чека прошёл, нужен чек коррекции");
  const outcome = await logExchange<SendOutcome>(ctx, receipt, "register.send", async () => {
    try {
      return await register.send(prepared, AbortSignal.timeout(CALL_LIMIT_MS));
    } catch (error) {
      return { kind: "unknown", message: error instanceof Error ? error.message : String(error) };
    }
  });
  switch (outcome.kind) {
    case "accepted":
      await setBlocked(ctx, receipt.connectionId, null);
      return settleReceipt(ctx, receipt, { state: "sent", event: "receipt.sent", next: askDelayMs(0), asks: 0 });
    case "retry":
      return retry(ctx, receipt, outcome.message, outcome.afterMs);
    case "unknown":
      return settleReceipt(ctx, receipt, { state: "unknown", failText: outcome.message, next: askDelayMs(0), asks: 0 });
    case "blocked":
      return blocked(ctx, receipt, outcome.message);
    case "permanent":
      return failReceipt(ctx, receipt, outcome.code, outcome.message);
  }
}

async function ask(ctx: Ctx, register: CashRegister, receipt: ClaimedReceipt, prepared: PreparedReceipt): Promise<void> {
  const outcome = await logExchange<StatusOutcome>(ctx, receipt, "register.status", async () => {
    try {
      return await register.status(receipt.externalId, { totalKopecks: receipt.totalKopecks, kind: receipt.document.kind, ffd: receipt.document.ffd }, AbortSignal.timeout(CALL_LIMIT_MS));
    } catch (error) {
      return { kind: "unknown", message: error instanceof Error ? error.message : String(error) };
    }
  });
  switch (outcome.kind) {
    case "registered":
      await settleReceipt(ctx, receipt, { state: "registered", event: "receipt.registered", fiscal: outcome.fiscal });
      await Promise.all(["ALR-06", "ALR-07", "ALR-08"].map((code) => resolveAlert(ctx, ctx.database.sql, code, `receipt:${receipt.receiptId}`)));
      return;
    case "pending":
      return settleReceipt(ctx, receipt, { state: "sent", next: askDelayMs(receipt.pollCount + 1), asks: receipt.pollCount + 1 });
    case "unknown":
      return settleReceipt(ctx, receipt, { state: receipt.state, failText: outcome.message, next: askDelayMs(receipt.pollCount + 1), asks: receipt.pollCount + 1 });
    case "absent":
      // We saw it accepted and now it is gone: a person looks. Never accepted: it did not arrive, the same id goes again.
      if (receipt.state === "sent") return failReceipt(ctx, receipt, "LOST_BY_REGISTER", "Касса приняла чек, а теперь его не находит");
      return send(ctx, register, receipt, prepared);
    case "expired":
      return settleReceipt(ctx, receipt, { state: "queued", newExternalId: newExternalId(receipt.orderNo, receipt.purpose, receipt.tryNo + 1), failText: "Касса не успела обработать чек", next: 0 });
    case "blocked":
      return blocked(ctx, receipt, outcome.message);
    case "permanent":
      return failReceipt(ctx, receipt, outcome.code, outcome.message);
  }
}

async function retry(ctx: Ctx, receipt: ClaimedReceipt, message: string, afterMs: number): Promise<void> {
  const failures = receipt.sendCount + 1;
  const planned = resendDelayMs(failures, ctx.now().getTime() - receipt.plannedAt.getTime());
  if (planned === null) return failReceipt(ctx, receipt, "RETRIES_EXHAUSTED", message);
  await settleReceipt(ctx, receipt, { state: "failed_retryable", event: "receipt.failed", failText: message, next: Math.max(planned, afterMs), sends: failures });
}

async function blocked(ctx: Ctx, receipt: ClaimedReceipt, message: string): Promise<void> {
  await setBlocked(ctx, receipt.connectionId, message);
  await settleReceipt(ctx, receipt, { state: receipt.state === "sent" ? "sent" : "failed_retryable", event: "receipt.failed", failText: message, next: BLOCKED_RETRY_MS });
  await raiseAlert(ctx, ctx.database.sql, {
    code: "ALR-09",
    objectKey: `connection:${receipt.connectionId}`,
    severity: "P1",
    title: "Касса не принимает наш сертификат или ключ",
    advice: "Проверьте сертификат и ключ подписи в настройках кассы. Чеки ждут в очереди и уйдут сами.",
    detail: { message: message.slice(0, 300) },
  });
}

import type { NotificationReply, ProviderNotification, RawNotification } from "@/lib/acquirers/acquirer.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { isUniqueViolation } from "@/db/index.ts";
import type { Tx } from "@/db/index.ts";
import { StaleRead } from "@/db/write-together.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import { findConnectionByDoor } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actingAs, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { countRepeat, messageWrite, storeMessage } from "@/lib/inbox/index.ts";
import type { InboxResult, NewMessage } from "@/lib/inbox/index.ts";
import { newId, sha256Hex } from "@/lib/kit/ids.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { applyProviderState } from "./apply-provider-state.ts";
import { isLive } from "./states.ts";
import { lockAttempt, readAttemptRow } from "./lock-attempt.ts";
import { alertUndecided } from "./undecided-news.ts";

type Snapshot = Extract<ProviderNotification, { kind: "snapshot" }>;

/** A notification that cannot be ours: no such door. */
export const unknownDoor: NotificationReply = { status: 404, contentType: "text/plain; charset=utf-8", body: "Error! Unknown address" };

/** Bad signatures in this time make a series (ALR-22). */
const FORGED_WINDOW_MS = 10 * MINUTE_MS;
const FORGED_SERIES = 5;

/**
 * Takes a provider's notification: verifies, stores it, applies it in the same transaction (README decision 3), and gives
 * the reply the provider wants. Repeated messages change nothing (LOST-02). Throws only when the database is away: then the
 * provider repeats.
 */
export async function receiveNotification(base: Ctx, door: string, raw: RawNotification): Promise<NotificationReply> {
  const connection = await findConnectionByDoor(base, door);
  if (!connection || connection.kind !== "acquirer") return unknownDoor;
  const ctx = actingAs(base, { kind: "provider", ip: raw.ip });
  const notification = acquirerOf(connection, ctx.now).readNotification(raw);
  switch (notification.kind) {
    case "forged":
      await storeForged(ctx, connection, raw, notification.reason);
      return notification.reply;
    case "hint":
      await takeHint(ctx, connection, raw, notification);
      return notification.reply;
    case "snapshot":
      await takeSnapshot(ctx, connection, raw, notification);
      return notification.reply;
  }
}

async function takeSnapshot(ctx: Ctx, connection: OpenConnection, raw: RawNotification, { payment, eventKey }: Snapshot): Promise<void> {
  const taken = await takePlainly(ctx, connection, raw, { payment, eventKey });
  if (taken === "known") return;
  const orderId = taken ? taken.orderId : await inTransaction(ctx, async (tx) => {
    const attempt = payment.reference === null ? null : await lockAttempt(tx, { connectionId: connection.id, reference: payment.reference });
    if (!attempt) {
      await askAbout(ctx, tx, { ...messageOf(connection, raw, eventKey, "orphan", null), providerPaymentId: payment.providerPaymentId });
      return null;
    }
    // PayKeeper signs without separators: a copy with a digit moved from the id to the sum is «authentic» too. What differs
    // from the attempt is not believed but asked about at once, by its own id: it may be a second payment of a paid attempt.
    if (payment.amountKopecks !== attempt.amountKopecks || (payment.payerId !== null && payment.payerId !== attempt.payerId)) {
      await askAbout(ctx, tx, { ...messageOf(connection, raw, eventKey, "received", attempt.order.orderId), providerPaymentId: payment.providerPaymentId });
      return null;
    }
    if (attempt.bookedPaymentIds.includes(payment.providerPaymentId)) {
      await countRepeat(tx, connection.id, eventKey);
      return null;
    }
    const message = messageOf(connection, raw, eventKey, "applied", attempt.order.orderId);
    const changed = await applyProviderState(ctx, tx, attempt, payment, "notification", [messageWrite(ctx, tx, message).write]);
    if (!changed || payment.state !== "paid") await storeMessage(ctx, tx, message);
    return changed ? attempt.order.orderId : null;
  });
  if (orderId) ctx.hint(orderId);
}

/**
 * The common cases without locks: one read, then one statement that fails as a whole when the order or the attempt changed in
 * between (README decision 16, docs/decisions). Null: not a common case, or it did change; the locked way decides.
 */
async function takePlainly(ctx: Ctx, connection: OpenConnection, raw: RawNotification, { payment, eventKey }: Pick<Snapshot, "payment" | "eventKey">): Promise<{ orderId: string } | "known" | null> {
  if (payment.reference === null || payment.state !== "paid") return null;
  const sql = ctx.database.doorSql;
  const attempt = await readAttemptRow(sql, { connectionId: connection.id, reference: payment.reference });
  if (!attempt) return null;
  const tx = sql as unknown as Tx;
  // The commonest repetition, answered before anything is written but the count.
  if (attempt.bookedPaymentIds.includes(payment.providerPaymentId)) {
    await countRepeat(tx, connection.id, eventKey);
    return "known";
  }
  const isPlain = isLive(attempt.state) && payment.amountKopecks === attempt.amountKopecks && (payment.payerId === null || payment.payerId === attempt.payerId);
  if (!isPlain) return null;
  try {
    const message = messageOf(connection, raw, eventKey, "applied", attempt.order.orderId);
    const changed = await applyProviderState(ctx, tx, attempt, payment, "notification", [messageWrite(ctx, tx, message).write]);
    return changed ? { orderId: attempt.order.orderId } : null;
  } catch (error) {
    if (error instanceof StaleRead || isUniqueViolation(error)) return null;
    throw error;
  }
}

async function takeHint(ctx: Ctx, connection: OpenConnection, raw: RawNotification, hint: Extract<ProviderNotification, { kind: "hint" }>): Promise<void> {
  const { reference, providerPaymentId } = hint.ref;
  await inTransaction(ctx, async (tx) => {
    const attempt = reference === null ? null : await lockAttempt(tx, { connectionId: connection.id, reference });
    const message = messageOf(connection, raw, hint.eventKey, attempt ? "received" : "orphan", attempt?.order.orderId ?? null);
    if (providerPaymentId !== null) return askAbout(ctx, tx, { ...message, providerPaymentId });
    const inboxId = await storeMessage(ctx, tx, message);
    if (attempt) await ctx.enqueue(tx, "attempt.poll", { attemptId: attempt.attemptId, pollNo: null });
    else if (inboxId) await alertUndecided(ctx, tx, { inboxId, connectionId: connection.id, connectionName: connection.name, orderId: null, providerPaymentId: null });
  });
}

/** Stores news that is not believed as it stands, with the job that asks the provider; the janitor repeats it. */
async function askAbout(ctx: Ctx, tx: Tx, message: NewMessage & { providerPaymentId: string }): Promise<void> {
  const inboxId = await storeMessage(ctx, tx, message);
  if (inboxId) await ctx.enqueue(tx, "inbox.match", { inboxId, providerPaymentId: message.providerPaymentId });
}

const messageOf = (connection: OpenConnection, raw: RawNotification, eventKey: string, result: InboxResult, orderId: string | null): NewMessage => ({
  connectionId: connection.id, source: connection.provider, eventKey, headers: raw.headers, body: raw.body, ip: raw.ip, result, orderId,
});

/** Evidence of a forgery stands in its own transaction and changes no money (LOST-21). */
async function storeForged(ctx: Ctx, connection: OpenConnection, raw: RawNotification, reason: string): Promise<void> {
  ctx.log.warn({ connection: connection.id, reason }, "forged notification");
  await inTransaction(ctx, async (tx) => {
    // One row per body and minute: a flood of the same forgery must not fill the disk.
    const minute = Math.floor(ctx.now().getTime() / MINUTE_MS);
    await storeMessage(ctx, tx, {
      connectionId: connection.id,
      source: connection.provider,
      eventKey: `forged:${minute}:${sha256Hex(raw.body).slice(0, 32)}`,
      headers: raw.headers,
      body: raw.body,
      ip: raw.ip,
      result: "forged",
      resultText: reason,
    });
    const [row] = await tx<{ times: bigint }[]>`
      select coalesce(sum(repeats + 1), 0)::bigint as times from inbox_messages
       where connection_id = ${connection.id} and result = 'forged' and received_at > ${addMs(ctx.now(), -FORGED_WINDOW_MS)}`;
    const times = row?.times ?? 0n;
    if (times >= BigInt(FORGED_SERIES)) {
      await raiseAlert(ctx, tx, {
        code: "ALR-22",
        objectKey: `connection:${connection.id}`,
        severity: "P2",
        title: `Неверные подписи уведомлений «${connection.name}»: ${times} за 10 минут`,
        advice: "Сверьте секретное слово в кабинете банка с нашим. Если слово верное, адрес уведомлений подбирают: замените его.",
        detail: { traceId: newId() },
      });
    }
  });
}

import type { SeenPayment, SeenRefund } from "@/lib/acquirers/acquirer.ts";
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import type { Outcome } from "@/lib/kit/outcome.ts";
import { DomainError, invalid } from "@/lib/kit/errors.ts";
import { addDays, DEFAULT_ZONE, localDate } from "@/lib/kit/time.ts";
import { callProvider } from "@/lib/payments/record-opened.ts";
import type { RegistryLine } from "./registry-file/index.ts";
import { storeRegistry } from "./store-registry.ts";
import type { TakenRegistry } from "./store-registry.ts";
import { zoneOf } from "./upload-registry.ts";

const DAYS_MAX = 62;
/** Refunds are read payment by payment; the rest waits for the next night. */
const REFUND_READS_MAX = 300;

/**
 * Reads an acquirer's own list of operations, day by day (M1), both days inclusive: payments of the day and the refunds of payments
 * that show more refunded money than we have seen. Each day is one delivery, stored whole or not at all. Throws `unavailable` when
 * the provider cannot tell: days already read stay. Throws `invalid` for an odd period.
 */
export async function fetchRegistry(ctx: Ctx, input: { connectionId: string; from: string; to: string }): Promise<TakenRegistry[]> {
  const connection = await loadConnection(ctx, input.connectionId);
  const shape = /^\d{4}-\d{2}-\d{2}$/;
  if (connection.kind !== "acquirer" || !shape.test(input.from) || !shape.test(input.to) || input.from > input.to || addDays(input.from, DAYS_MAX) < input.to) throw invalid("Период реестра задан неверно", { field: "from" });
  const taken: TakenRegistry[] = [];
  const reads = { left: REFUND_READS_MAX };
  for (let day = input.from; day <= input.to; day = addDays(day, 1)) {
    const payments = await listDay(ctx, connection, day);
    const refunds = await refundsOf(ctx, connection, payments, reads);
    if (day === input.to) refunds.push(...(await refundsWeMade(ctx, connection, input, reads)));
    const lines = [...paymentLines(payments, zoneOf(ctx, connection)), ...refunds];
    const stored = await inTransaction(ctx, async (tx) => {
      const registry = await storeRegistry(ctx, tx, connection, { source: "api", fileName: null, fileSha256: null, days: { from: day, to: day } }, numbered(lines));
      if (registry && day === input.to) await ctx.enqueue(tx, "reconcile.run", { scope: "full" });
      return registry;
    });
    if (stored) taken.push(stored);
  }
  return taken;
}

async function listDay(ctx: Ctx, connection: OpenConnection, day: string): Promise<SeenPayment[]> {
  const zone = zoneOf(ctx, connection);
  // The provider counts days in its own zone: where ours is another one, the neighbours hold a part of the day.
  const around = zone === DEFAULT_ZONE ? 0 : 1;
  const listed = await ask(ctx, connection, "registry", (signal) => acquirerOf(connection, ctx.now).listPayments({ from: addDays(day, -around), to: addDays(day, around) }, signal));
  return listed.filter((payment) => payment.state === "paid" && payment.paidAt !== null && localDate(payment.paidAt, zone) === day);
}

async function ask<T>(ctx: Ctx, connection: OpenConnection, action: string, call: (signal: AbortSignal) => Promise<Outcome<T>>): Promise<T> {
  const outcome = await callProvider(ctx, { subjectId: connection.id, orderId: null, connectionId: connection.id }, action, call);
  if (outcome.kind !== "done") throw new DomainError("unavailable", `«${connection.name}» не отдал реестр: ${outcome.message.slice(0, 200)}`, { outcome: outcome.kind });
  return outcome.value;
}

type Line = Omit<NonNullable<NonNullable<RegistryLine>["operation"]>, "lineNo">;

function paymentLines(payments: readonly SeenPayment[], zone: string): Line[] {
  return payments.flatMap((seen) =>
    seen.providerPaymentId === null || seen.amountKopecks === null || seen.amountKopecks <= 0n || seen.paidAt === null || seen.currency !== "RUB"
      ? []
      : [{
          ...plain, kind: "payment" as const, providerPaymentId: seen.providerPaymentId, providerOperationId: null, reference: seen.reference, amountKopecks: seen.amountKopecks,
          occurredAt: seen.paidAt, businessDate: localDate(seen.paidAt, zone), instrument: seen.instrument, raw: `${seen.rawState} ${seen.reference ?? ""}`.trim(),
        }],
  );
}

const plain = { feeKopecks: null, feeVatKopecks: null, payoutId: null, payoutDate: null };

/** Refunds of payments whose refunded sum is more than the registry holds so far. */
async function refundsOf(ctx: Ctx, connection: OpenConnection, payments: readonly SeenPayment[], reads: { left: number }): Promise<Line[]> {
  const refunded = payments.filter((seen) => (seen.refundedKopecks ?? 0n) > 0n && seen.providerPaymentId !== null);
  if (refunded.length === 0) return [];
  const known = await ctx.database.sql<{ id: string; kopecks: bigint }[]>`
    select provider_payment_id as id, sum(amount_kopecks)::bigint as kopecks
      from (select distinct on (provider_payment_id, provider_operation_id) provider_payment_id, amount_kopecks from registry_entries
             where connection_id = ${connection.id} and kind = 'refund' and provider_payment_id = any(${refunded.map((seen) => seen.providerPaymentId!)})) as operations
     group by provider_payment_id`;
  const seenBefore = new Map(known.map((row) => [row.id, row.kopecks]));
  return readRefunds(ctx, connection, refunded.filter((seen) => seen.refundedKopecks! > (seenBefore.get(seen.providerPaymentId!) ?? 0n)).map((seen) => seen.providerPaymentId!), reads);
}

/** Refunds of ours in the period whose payment is older than what is listed: asked for by the payment. */
async function refundsWeMade(ctx: Ctx, connection: OpenConnection, { from, to }: { from: string; to: string }, reads: { left: number }): Promise<Line[]> {
  const rows = await ctx.database.sql<{ id: string }[]>`
    select distinct f.provider_payment_id as id from money_facts f
     where f.connection_id = ${connection.id} and f.kind = 'refund_succeeded' and f.business_date between ${from} and ${to} and f.provider_payment_id is not null
       and not exists (select 1 from registry_entries e where e.connection_id = f.connection_id and e.kind = 'refund' and e.provider_payment_id = f.provider_payment_id and e.provider_operation_id = f.provider_operation_id)
     limit ${REFUND_READS_MAX}`;
  return readRefunds(ctx, connection, rows.map((row) => row.id), reads);
}

async function readRefunds(ctx: Ctx, connection: OpenConnection, paymentIds: readonly string[], reads: { left: number }): Promise<Line[]> {
  const lines: Line[] = [];
  for (const paymentId of paymentIds) {
    if (reads.left-- <= 0) break;
    const refunds = await ask(ctx, connection, "registry.refunds", (signal) => acquirerOf(connection, ctx.now).listRefunds(paymentId, signal));
    lines.push(...refunds.filter((refund) => refund.state === "done" && refund.amountKopecks > 0n).map((refund, i) => refundLine(ctx, connection, paymentId, refund, i)));
  }
  return lines;
}

function refundLine(ctx: Ctx, connection: OpenConnection, paymentId: string, refund: SeenRefund, index: number): Line {
  const occurredAt = refund.createdAt ?? ctx.now();
  return {
    ...plain, kind: "refund", providerPaymentId: paymentId, providerOperationId: refund.providerRefundId ?? `${paymentId}#${index + 1}`, reference: null, amountKopecks: refund.amountKopecks,
    occurredAt, businessDate: localDate(occurredAt, zoneOf(ctx, connection)), instrument: null, raw: null,
  };
}

function* numbered(lines: readonly Line[]): Generator<NonNullable<RegistryLine>> {
  for (const [i, line] of lines.entries()) yield { operation: { ...line, lineNo: i + 1 } };
}

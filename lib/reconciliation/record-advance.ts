import type { Tx } from "@/db/index.ts";
import type { PayerKind } from "@/db/schema/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { statementKey } from "@/lib/payments/index.ts";
import type { BankLine } from "./bank-line.ts";

export type Payer = { counterpartyId: string; payerKind: PayerKind; name: string };

/**
 * Money of a line as the payer's advance (LOST-23). 1C loads the same statement, so nothing goes out to it. The line is locked by the
 * caller and binds itself to the fact. `amountKopecks` is less than the line where a part has been told already.
 */
export async function recordAdvance(ctx: Ctx, tx: Tx, line: BankLine, payer: Payer, amountKopecks: bigint): Promise<string> {
  const fact = await recordFact(ctx, tx, {
    kind: "payment_captured",
    amountKopecks,
    method: "bank_transfer",
    connectionId: null,
    documentKey: statementKey(line.lineId),
    documentNumber: line.number,
    occurredAt: creditedAt(ctx, line.receivedOn),
    // A company's transfer needs no receipt, and the reason is stored (FISC-01).
    fiscalOwner: "site",
    isTest: line.isTest,
    note: line.purpose.slice(0, 500),
    allocations: [{ orderId: null, counterpartyId: payer.counterpartyId, amountKopecks }],
  });
  if (!fact) throw new Error(`bank line ${line.lineId} is booked already`);
  await ctx.announce(ctx, tx, { type: "money.captured", fact, order: null, revisionNo: null, contact: null, payerKind: payer.payerKind });
  return fact.factId;
}

/** Noon of the day, so that no zone moves it; today's money cannot come later than now. */
export function creditedAt(ctx: Ctx, receivedOn: string): Date {
  const noon = instantOfLocal(`${receivedOn}T12:00:00`, ctx.zone)!;
  return noon > ctx.now() ? ctx.now() : noon;
}

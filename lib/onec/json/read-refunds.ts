import type { Sql } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { localText, offsetText } from "@/lib/kit/time.ts";
import { refundStateLabels } from "@/lib/refunds/states.ts";
import type { RefundState } from "@/lib/refunds/states.ts";
import type { RefundAnswer } from "./schema-money.ts";

type Row = { id: string; paymentFactId: string | null; amountKopecks: bigint; method: string; state: RefundState; documentNumber: string | null; requestedAt: Date; finishedAt: Date | null; failText: string | null; decisionText: string | null };

/** Refunds (alias `r`) as 1C reads them, oldest first. */
export async function readRefunds(ctx: Ctx, where: ReturnType<Sql>, zone: string): Promise<RefundAnswer["refunds"]> {
  const rows = await ctx.database.sql<Row[]>`
    select r.id, r.payment_fact_id, r.amount_kopecks, r.method, r.state, r.document_number, r.requested_at, r.finished_at, r.fail_text, r.decision_text from refunds r where ${where} order by r.requested_at, r.id limit 200`;
  return rows.map((row) => ({
    id: row.id, paymentId: row.paymentFactId ?? "", amount: rublesText(row.amountKopecks), method: row.method, state: row.state, stateText: refundStateLabels[row.state], number: row.documentNumber ?? "",
    requestedAt: offsetText(row.requestedAt, zone), requestedAtLocal: localText(row.requestedAt, zone), finishedAt: row.finishedAt ? offsetText(row.finishedAt, zone) : "", finishedAtLocal: row.finishedAt ? localText(row.finishedAt, zone) : "",
    failText: row.failText ?? row.decisionText ?? "",
  }));
}

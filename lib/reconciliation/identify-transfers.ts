import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { isInn } from "@/lib/kit/inn.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { lockBankLine, unidentified } from "./bank-line.ts";
import type { BankLine } from "./bank-line.ts";
import { recordAdvance } from "./record-advance.ts";
import type { Payer } from "./record-advance.ts";
import { pickTold, toldTransfers } from "./told-transfers.ts";

export type Identified = { told: number; advances: number };

const PER_RUN = 2_000;

/**
 * Credits of statements that are nobody's money yet (LOST-23): what 1C or a person has told of is bound to its fact; a known company's
 * money becomes its advance (setting `bank.autoAdvance`); the rest stays «невыясненные». Each line in a transaction of its own; safe to
 * run twice and at once.
 */
export async function identifyTransfers(ctx: Ctx): Promise<Identified> {
  const { sql } = ctx.database;
  const lines = await sql<{ id: string }[]>`
    select l.id from bank_statement_lines l join bank_statements b on b.id = l.statement_id where ${unidentified(sql, ctx.zone)} order by l.received_on, l.id limit ${PER_RUN}`;
  const done: Identified = { told: 0, advances: 0 };
  for (const { id } of lines) {
    try {
      const became = await inTransaction(ctx, (tx) => identify(ctx, tx, id));
      if (became !== "unknown") done[became] += 1;
    } catch (error) {
      ctx.log.error({ err: error, bankLineId: id }, "a line of a bank statement could not be identified");
    }
  }
  return done;
}

async function identify(ctx: Ctx, tx: Tx, lineId: string): Promise<"told" | "advances" | "unknown"> {
  const line = await lockBankLine(tx, lineId);
  if (!line || line.factId !== null || line.handledBy !== null || line.settlementId !== null) return "unknown";
  const told = pickTold(line, await toldTransfers(tx, line, null), await otherSums(tx, line));
  const restKopecks = line.amountKopecks - (told?.amountKopecks ?? 0n);
  const payer = restKopecks > 0n && (await readSetting(tx, "bank.autoAdvance")) ? await findPayer(tx, line) : null;
  const advance = payer ? await recordAdvance(ctx, tx, line, payer, restKopecks) : null;
  const factId = told?.factId ?? advance;
  if (factId === null) return "unknown";
  await tx`update bank_statement_lines set fact_id = ${factId} where id = ${line.lineId}`;
  return told ? "told" : "advances";
}

/** Sums of the payer's other lines that nobody told of either. */
async function otherSums(tx: Tx, line: BankLine): Promise<bigint[]> {
  const rows = await tx<{ amountKopecks: bigint }[]>`
    select amount_kopecks from bank_statement_lines where payer_inn = ${line.payerInn} and id <> ${line.lineId} and direction = 'credit' and fact_id is null and is_test = ${line.isTest}
       and received_on between ${line.receivedOn}::date - 6 and ${line.receivedOn}::date + 6 limit 200`;
  return rows.map((row) => row.amountKopecks);
}

/** The company of this seller with this INN; of several rows of one company the one that ordered last. A person's transfer needs a receipt, so a person decides. */
async function findPayer(tx: Tx, line: BankLine): Promise<Payer | null> {
  if (line.payerInn === null || !isInn(line.payerInn) || line.sellerOrgId === null) return null;
  const [payer] = await tx<Payer[]>`
    select c.id as counterparty_id, c.payer_kind, c.name from counterparties c
      left join lateral (select max(o.order_date) as last from orders o where o.counterparty_id = c.id and o.seller_org_id = ${line.sellerOrgId} and o.is_test = ${line.isTest}) w on true
     where c.inn = ${line.payerInn} and c.payer_kind in ('organization', 'sole_proprietor')
       and (w.last is not null or exists (select 1 from connections k join stores s on s.id = k.store_id where k.id = c.onec_connection_id and s.seller_org_id = ${line.sellerOrgId} and (k.environment = 'test') = ${line.isTest}))
     order by w.last desc nulls last, c.created_at, c.id limit 1`;
  return payer ?? null;
}

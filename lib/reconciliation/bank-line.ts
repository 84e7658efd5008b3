import type { Sql, Tx } from "@/db/index.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { lockTransfers } from "@/lib/payments/index.ts";

/** A credit of a bank statement that may be a buyer's payment, held for update. */
export type BankLine = {
  lineId: string;
  number: string | null;
  receivedOn: string;
  amountKopecks: bigint;
  payerName: string | null;
  payerInn: string | null;
  purpose: string;
  account: string;
  /** Whose account; null when the settings do not know it. */
  sellerOrgId: string | null;
  kind: string;
  direction: "credit" | "debit";
  factId: string | null;
  settlementId: string | null;
  handledBy: string | null;
  isTest: boolean;
};

/** Lines uploaded later than this after their day are history: they are shown as evidence and nobody is asked about them. */
export const HISTORY_DAYS = 31;

/** Condition on `l` (a line) and `b` (its statement): a buyer's payment that no money of ours stands for, and no person has set aside. */
export const unidentified = (on: Tx | Sql, zone: string) =>
  on`l.kind = 'candidate' and l.direction = 'credit' and l.fact_id is null and l.handled_by is null and l.settlement_id is null
    and l.received_on >= (b.received_at at time zone ${zone})::date - ${HISTORY_DAYS}::int`;

/** Takes the turn of the payer, then the line. Null when there is none. */
export async function lockBankLine(tx: Tx, lineId: string): Promise<BankLine | null> {
  const [seen] = await tx<{ payerInn: string | null }[]>`select payer_inn from bank_statement_lines where id = ${uuidOrNull(lineId)}`;
  if (!seen) return null;
  await lockTransfers(tx, seen.payerInn, "alone");
  const [line] = await tx<BankLine[]>`
    select l.id as line_id, l.number, l.received_on::text, l.amount_kopecks, l.payer_name, l.payer_inn, l.purpose, l.account, a.seller_org_id, l.kind, l.direction, l.fact_id, l.settlement_id, l.handled_by, l.is_test
      from bank_statement_lines l join bank_statements b on b.id = l.statement_id left join bank_accounts a on a.id = b.bank_account_id
     where l.id = ${uuidOrNull(lineId)} for update of l`;
  return line ?? null;
}

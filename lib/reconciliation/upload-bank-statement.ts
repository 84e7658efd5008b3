import { isUniqueViolation } from "@/db/index.ts";
import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { actorText, inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid } from "@/lib/kit/errors.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { newId, sha256Hex } from "@/lib/kit/ids.ts";
import { storableText } from "@/lib/kit/storable-text.ts";
import { StatementRefused, amountOf, dayOf, decodeStatement, parseStatement, readDocument } from "./bank-file/index.ts";
import type { BankDocument, ParsedStatement } from "./bank-file/index.ts";

/** One own account of the file. `knownCount` lines were there already; `warnings` are for the person who uploaded it. */
export type TakenStatement = { statementId: string; account: string; lineCount: number; newCount: number; knownCount: number; settlementCount: number; warnings: string[]; dayFrom: string; dayTo: string };
/** One document of the file, as it was understood; `isNew` false: an earlier file brought it already. */
export type StatementVerdict = Pick<BankDocument, "account" | "number" | "receivedOn" | "direction" | "amountKopecks" | "payerName" | "payerInn" | "kind"> & { isNew: boolean };
export type UploadedStatement = { status: "taken" | "known"; statements: TakenStatement[]; documents: StatementVerdict[]; warnings: string[] };

const WARNINGS_KEPT = 200;

/**
 * A person or a 1C base uploads a bank statement in the format 1CClientBankExchange (permission `registry.upload`, audited; BNK-1 … BNK-11). All
 * accounts of the file in one transaction. Lines that are known add nothing (BNK-10). `isTest` puts it beside test connections; by
 * default it is live as soon as any live acquirer is connected. `sellerOrgId`: who brings it speaks for this organization alone, accounts of the others
 * are passed over with a warning. Throws `forbidden`, `invalid` with what is wrong with the file.
 */
export async function uploadBankStatement(ctx: Ctx, input: { fileName: string; bytes: Uint8Array; isTest?: boolean; sellerOrgId?: string }): Promise<UploadedStatement> {
  if (ctx.actor.kind !== "system" && ctx.actor.kind !== "onec" && !(ctx.actor.kind === "staff" && can(ctx.actor.role, "registry.upload"))) throw forbidden();
  const parsed = parsedOrRefused(input.bytes);
  const { sql } = ctx.database;
  const [accounts, sellers, [live]] = await Promise.all([
    sql<{ id: string; account: string; sellerOrgId: string }[]>`select id, account, seller_org_id from bank_accounts`,
    sql<{ inn: string }[]>`select inn from seller_orgs`,
    sql<{ any: boolean }[]>`select exists (select 1 from connections where kind = 'acquirer' and enabled and environment = 'live') as any`,
  ]);
  const ownAccounts = new Map(accounts.map((row) => [row.account.replace(/\D/g, ""), row.id]));
  const own = { accounts: new Set([...parsed.accounts, ...ownAccounts.keys()]), inns: new Set(sellers.map((row) => row.inn)) };
  const { byAccount, warnings } = sortDocuments(parsed, own);
  const foreign = new Set(input.sellerOrgId === undefined ? [] : accounts.filter((row) => row.sellerOrgId !== input.sellerOrgId).map((row) => row.account.replace(/\D/g, "")));
  for (const account of foreign) if (byAccount.delete(account)) warnings.push(`Счёт ${account} принадлежит другой организации: её выписку передаёт её база`);
  if (byAccount.size === 0) throw invalid("В выписке нет документов по нашим счетам: проверьте номер расчётного счёта в настройках организации", { field: "file", reason: "foreign" });
  const verdicts = (fresh: ReadonlySet<string>) => [...byAccount.values()].flatMap((lines) => keyed(lines).map(({ lineKey, ...line }): StatementVerdict => ({ ...line, isNew: fresh.has(`${line.account} ${lineKey}`) })));
  const about = { fileName: storableText(input.fileName.trim().slice(0, 200)) || "без имени", sha256: sha256Hex(input.bytes), isTest: input.isTest ?? !live!.any };
  try {
    return await inTransaction(ctx, async (tx) => {
      const statements: TakenStatement[] = [];
      const fresh = new Set<string>();
      for (const account of [...byAccount.keys()].toSorted()) {
        // What could not be read is kept with the first account of the file.
        const taken = await storeStatement(ctx, tx, { ...about, account, bankAccountId: ownAccounts.get(account) ?? null, parsed, documents: byAccount.get(account)!, fileWarnings: statements.length === 0 ? warnings : [] }, fresh);
        if (taken) statements.push(taken);
      }
      if (statements.length > 0) {
        await recordAudit(ctx, tx, { action: "statement.uploaded", objectType: "bank_statement", objectId: statements[0]!.statementId, after: { fileName: about.fileName, lines: statements.reduce((sum, each) => sum + each.newCount, 0) } });
        await ctx.enqueue(tx, "reconcile.run", { scope: "full" });
      }
      return { status: statements.length > 0 ? "taken" : "known", statements, documents: verdicts(fresh), warnings };
    });
  } catch (error) {
    if (isUniqueViolation(error)) return { status: "known", statements: [], documents: verdicts(new Set()), warnings };
    throw error;
  }
}

function parsedOrRefused(bytes: Uint8Array): ParsedStatement {
  try {
    return parseStatement(decodeStatement(bytes));
  } catch (error) {
    if (error instanceof StatementRefused) throw invalid(error.message, { field: "file", reason: "unreadable" });
    throw error;
  }
}

function sortDocuments(parsed: ParsedStatement, own: { accounts: ReadonlySet<string>; inns: ReadonlySet<string> }): { byAccount: Map<string, BankDocument[]>; warnings: string[] } {
  const byAccount = new Map<string, BankDocument[]>();
  const warnings = [...parsed.warnings];
  for (const section of parsed.documents) {
    const read = readDocument(section, own);
    if (read.kind !== "taken") {
      warnings.push(read.text);
      continue;
    }
    const lines = byAccount.get(read.document.account);
    if (lines) lines.push(read.document);
    else byAccount.set(read.document.account, [read.document]);
  }
  return { byAccount, warnings: warnings.slice(0, WARNINGS_KEPT) };
}

type Statement = { fileName: string; sha256: string; isTest: boolean; account: string; bankAccountId: string | null; parsed: ParsedStatement; documents: BankDocument[]; fileWarnings: readonly string[] };

/** Keys of lines that nobody had brought before are added to `news`. */
async function storeStatement(ctx: Ctx, tx: Tx, given: Statement, news: Set<string>): Promise<TakenStatement | null> {
  await tx`select pg_advisory_xact_lock(72057, hashtext(${given.account}))`;
  const [known] = await tx`select 1 from bank_statements where account = ${given.account} and file_sha256 = ${given.sha256} and is_test = ${given.isTest}`;
  if (known) return null;
  const { opening, closing, warnings, dayFrom, dayTo } = control(given);
  if (given.bankAccountId === null) warnings.push(`Счёта ${given.account} нет в настройках организаций`);
  warnings.push(...given.fileWarnings);
  const lines = keyed(given.documents);
  const statementId = newId();
  const fresh = await tx<{ lineKey: string }[]>`
    select k.line_key from unnest(${lines.map((line) => line.lineKey)}::text[]) as k(line_key)
     where not exists (select 1 from bank_statement_lines l where l.account = ${given.account} and l.line_key = k.line_key and l.is_test = ${given.isTest})`;
  for (const { lineKey } of fresh) news.add(`${given.account} ${lineKey}`);
  await tx`
    insert into bank_statements (id, bank_account_id, account, file_name, file_sha256, day_from, day_to, opening_kopecks, closing_kopecks, line_count, new_count, warnings, received_by, received_at, is_test)
    values (${statementId}, ${given.bankAccountId}, ${given.account}, ${given.fileName}, ${given.sha256}, ${dayFrom}, ${dayTo}, ${opening}, ${closing}, ${lines.length}, ${fresh.length},
      ${JSON.stringify(warnings.map(storableText))}::text::jsonb, ${actorText(ctx.actor)}, ${ctx.now()}, ${given.isTest})`;
  const rows = lines.map((line) => ({
    id: newId(), line_key: line.lineKey, line_no: line.lineNo, direction: line.direction, kind: line.kind, number: line.number && storableText(line.number), received_on: line.receivedOn, amount: line.amountKopecks.toString(),
    payer_name: line.payerName && storableText(line.payerName), payer_inn: line.payerInn, payer_account: line.payerAccount, purpose: storableText(line.purpose), raw: storableText(line.raw),
  }));
  for (let at = 0; at < rows.length; at += 2_000) {
    await tx`
      insert into bank_statement_lines (id, statement_id, line_key, line_no, account, direction, kind, number, received_on, amount_kopecks, payer_name, payer_inn, payer_account, purpose, raw, is_test)
      select r.id, ${statementId}::uuid, r.line_key, r.line_no, ${given.account}, r.direction, r.kind, r.number, r.received_on, r.amount, r.payer_name, r.payer_inn, r.payer_account, r.purpose, r.raw, ${given.isTest}
        from jsonb_to_recordset(${JSON.stringify(rows.slice(at, at + 2_000))}::text::jsonb) as r(id uuid, line_key text, line_no int, direction text, kind text, number text, received_on date, amount bigint,
             payer_name text, payer_inn text, payer_account text, purpose text, raw text)
      on conflict (account, line_key, is_test) do nothing`;
  }
  return {
    statementId, account: given.account, lineCount: lines.length, newCount: fresh.length, knownCount: lines.length - fresh.length,
    settlementCount: lines.filter((line) => line.kind === "acquirer_settlement" || line.kind === "sbp_settlement").length, warnings, dayFrom, dayTo,
  };
}

/** BNK-10: equal documents of one file are told apart by their order in it. */
function keyed(documents: readonly BankDocument[]): (BankDocument & { lineKey: string })[] {
  const seen = new Map<string, number>();
  return documents.map((line) => {
    const parts = [line.receivedOn, line.direction, (line.number ?? "").replace(/^0+/, ""), line.documentKind.toLowerCase(), line.amountKopecks.toString(), line.payerAccount ?? "", line.payerInn ?? ""];
    const key = sha256Hex(parts.join("\u0001"));
    const no = (seen.get(key) ?? 0) + 1;
    seen.set(key, no);
    return { ...line, lineKey: no === 1 ? key : `${key}#${no}` };
  });
}

/** BNK-9: what the bank says of the account against what its documents add up to; a difference is a warning. */
function control({ parsed, account, documents }: Statement) {
  const sections = parsed.accountSections.filter((section) => (section.values.get("расчсчет") ?? "").replace(/\D/g, "") === account);
  const days = documents.map((line) => line.receivedOn).toSorted();
  const dayOfKey = (key: string, pick: "first" | "last") => {
    const found = sections.map((section) => dayOf(section.values.get(key) ?? "")).filter((day): day is string => day !== null).toSorted();
    return pick === "first" ? found[0] : found.at(-1);
  };
  const sumOf = (key: string) => sections.map((section) => amountOf(section.values.get(key) ?? ""));
  const credits = documents.filter((line) => line.direction === "credit").reduce((total, line) => total + line.amountKopecks, 0n);
  const warnings: string[] = [];
  const said = sumOf("всегопоступило");
  if (said.length > 0 && said.every((each) => each !== null)) {
    const total = said.reduce((a, b) => a! + b!, 0n)!;
    if (total !== credits) warnings.push(`По счёту ${account} банк называет поступления ${formatMoney(total)}, а документы дают ${formatMoney(credits)}`);
  }
  const [dayFrom, dayTo] = [dayOfKey("датаначала", "first") ?? days[0]!, dayOfKey("датаконца", "last") ?? days.at(-1)!];
  const from = dayFrom <= dayTo ? dayFrom : days[0]!;
  return { opening: sumOf("начальныйостаток")[0] ?? null, closing: sumOf("конечныйостаток").at(-1) ?? null, warnings, dayFrom: from, dayTo: dayTo >= from ? dayTo : days.at(-1)! };
}

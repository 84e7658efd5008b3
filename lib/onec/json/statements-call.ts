import { formatCount } from "@/lib/kit/format.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { uploadBankStatement } from "@/lib/reconciliation/index.ts";
import { journal } from "./journal.ts";
import type { Call, Reply } from "./operation.ts";
import type { StatementAnswer } from "./schema-money.ts";

/** POST /statements: the file of the bank's client as it is; the same one again adds nothing (BNK-10). */
export async function takeStatementCall({ ctx, base, bytes }: Call): Promise<Reply> {
  const started = performance.now();
  // A base speaks for the organization of its store: its login must not bring money for the others.
  const [owner] = await ctx.database.sql<{ sellerOrgId: string }[]>`select seller_org_id from stores where id = ${base.storeId}`;
  const taken = await uploadBankStatement(ctx, { fileName: "kl_to_1c.txt", bytes, isTest: base.environment === "test", ...(owner && { sellerOrgId: owner.sellerOrgId }) });
  const warnings = [...new Set([...taken.warnings, ...taken.statements.flatMap((statement) => statement.warnings)])];
  const json: StatementAnswer = {
    status: taken.status,
    accounts: taken.statements.map((one) => ({ account: one.account, dayFrom: one.dayFrom, dayTo: one.dayTo, lines: one.lineCount, new: one.newCount, known: one.knownCount })),
    documents: taken.documents.map((one) => ({
      account: one.account, number: one.number ?? "", date: one.receivedOn, direction: one.direction, amount: rublesText(one.amountKopecks), payerName: one.payerName ?? "", payerInn: one.payerInn ?? "", kind: one.kind,
      verdict: one.isNew ? "new" : "known",
    })),
    warnings,
    msg: taken.status === "known" ? "Эта выписка уже загружена" : "",
  };
  const news = json.documents.filter(({ verdict }) => verdict === "new").length;
  const summary = taken.status === "known" ? "Выписка уже загружена" : `Выписка банка: ${formatCount(json.documents.length, ["документ", "документа", "документов"])}, новых ${news}`;
  if (taken.status === "taken") await journal(ctx, base.id, [{ kind: "statement", guid: "", number: "", orderId: null, summary, refusal: null, raw: null }], performance.now() - started);
  return { json, summary };
}

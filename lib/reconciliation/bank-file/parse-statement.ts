/** Sections of a 1CClientBankExchange file (BNK-2, BNK-3). Pure. */
import { StatementRefused, statementLimits } from "./decode.ts";

/** Keys in lower case. */
export type Section = { lineNo: number; name: string; values: Map<string, string>; raw: string };
export type ParsedStatement = { hasHeader: boolean; accounts: string[]; accountSections: Section[]; documents: Section[]; warnings: string[] };

const WARNINGS_MAX = 200;

export function parseStatement(text: string): ParsedStatement {
  const parsed: ParsedStatement = { hasHeader: false, accounts: [], accountSections: [], documents: [], warnings: [] };
  let open: (Section & { isDocument: boolean; lines: string[] }) | null = null;
  const close = () => {
    if (!open) return;
    const { isDocument, lines, ...section } = open;
    section.raw = lines.join("\n").slice(0, statementLimits.rawMax);
    (isDocument ? parsed.documents : parsed.accountSections).push(section);
    if (parsed.documents.length > statementLimits.documentsMax) throw new StatementRefused(`В выписке больше ${statementLimits.documentsMax} документов. Выгрузите её за меньший период`);
    open = null;
  };
  const unended = (at: number) => {
    if (open && parsed.warnings.length < WARNINGS_MAX) parsed.warnings.push(`Строка ${at}: раздел со строки ${open.lineNo} не закрыт`);
  };
  let lineNo = 0;
  for (const each of text.replace(/^\uFEFF/u, "").split(/\r\n|\n|\r/)) {
    lineNo += 1;
    const line = each.trimEnd();
    if (lineNo === 1 && /^1cclientbankexchange/i.test(line.trim())) parsed.hasHeader = true;
    const [key, value] = pairOf(line);
    if (key === "секциядокумент" || key === "секциярасчсчет") {
      unended(lineNo);
      close();
      open = { lineNo, name: value, values: new Map(), raw: "", isDocument: key === "секциядокумент", lines: [line] };
    } else if (key === "конецдокумента" || key === "конецрасчсчет") {
      open?.lines.push(line);
      close();
    } else if (open) {
      open.lines.push(line.slice(0, statementLimits.valueMax));
      if (key !== "" && (value !== "" || !open.values.has(key)) && open.values.size < 200) open.values.set(key, value);
    } else if (key === "расчсчет" && value !== "") parsed.accounts.push(digits(value));
  }
  unended(lineNo);
  close();
  if (!parsed.hasHeader) parsed.warnings.unshift("Нет первой строки 1CClientBankExchange: свои счета взяты из настроек");
  for (const section of parsed.accountSections) {
    const account = digits(section.values.get("расчсчет") ?? "");
    if (account !== "") parsed.accounts.push(account);
  }
  parsed.accounts = [...new Set(parsed.accounts)];
  return parsed;
}

export const digits = (text: string): string => text.replace(/\D/g, "");

function pairOf(line: string): [string, string] {
  const at = line.indexOf("=");
  return at < 0 ? [line.trim().toLowerCase(), ""] : [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim().slice(0, statementLimits.valueMax)];
}

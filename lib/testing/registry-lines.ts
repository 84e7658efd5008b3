import { rublesText } from "@/lib/kit/money.ts";

export type GivenRegistryLine = {
  id: string;
  kopecks: bigint;
  kind?: "Оплата" | "Возврат" | "Опротестование" | "Отмена опротестования";
  /** Own id of a refund or dispute. */
  operationId?: string;
  day?: string;
  feeKopecks?: bigint;
  payoutId?: string;
  payoutDay?: string;
  reference?: string;
  rrn?: string;
  card?: string;
};

/** A registry as a bank's cabinet saves it; days are `YYYY-MM-DD`. */
export function registryFile(lines: readonly GivenRegistryLine[]): Buffer {
  const header = "ID платежа;ID операции;RRN;Номер заказа;Дата операции;Тип операции;Сумма;Комиссия;Номер выплаты;Дата выплаты;Карта";
  const russian = (day: string) => day.split("-").toReversed().join(".");
  const rows = lines.map((line) =>
    [
      line.id, line.operationId ?? "", line.rrn ?? "", line.reference ?? "", `${russian(line.day ?? "2026-11-19")} 12:00:00`, line.kind ?? "Оплата", rublesText(line.kopecks),
      line.feeKopecks === undefined ? "" : rublesText(line.feeKopecks), line.payoutId ?? "", line.payoutDay ? russian(line.payoutDay) : "", line.card ?? "",
    ].join(";"),
  );
  return Buffer.from([header, ...rows].join("\r\n"));
}

/** A statement of one account with credits: from the acquirer, or from whoever `payerAccount` and `payerInn` name. */
export function statementFile(account: string, credits: readonly { number: string; day: string; kopecks: bigint; purpose: string; payerAccount?: string; payerInn?: string; payerName?: string }[]): Buffer {
  const russian = (day: string) => day.split("-").toReversed().join(".");
  const sections = credits.map((credit) =>
    [
      "СекцияДокумент=Банковский ордер", `Номер=${credit.number}`, `Дата=${russian(credit.day)}`, `Сумма=${rublesText(credit.kopecks)}`, `ПлательщикСчет=${credit.payerAccount ?? "30232810200000000333"}`,
      `Плательщик1=${credit.payerName ?? "ПАО Банк"}`, ...(credit.payerInn ? [`ПлательщикИНН=${credit.payerInn}`] : []), `ПолучательСчет=${account}`, `ДатаПоступило=${russian(credit.day)}`, `НазначениеПлатежа=${credit.purpose}`, "КонецДокумента",
    ].join("\r\n"),
  );
  return Buffer.from(["1CClientBankExchange", "ВерсияФормата=1.03", `РасчСчет=${account}`, ...sections, "КонецФайла"].join("\r\n"));
}

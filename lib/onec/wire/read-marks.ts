import { plainWord, readFlag, readLocalTime } from "./read-values.ts";
import type { RawDocument } from "./raw-document.ts";
import type { LocalTime, OnecMarks } from "./types.ts";

/** The document's ЗначенияРеквизитов by meaning. A value that cannot be read counts as not said, with a warning. */
export function readMarks(raw: RawDocument, notes: { warnings: string[] }): OnecMarks {
  const values = new Map<string, string>();
  for (const { name, values: given } of raw.requisites ?? []) {
    const value = given?.find((each) => each !== "");
    if (name && value !== undefined && !values.has(plainWord(name))) values.set(plainWord(name), value);
  }

  const word = (...names: string[]) => {
    for (const name of names) {
      const found = values.get(name);
      if (found !== undefined) return found;
    }
    return null;
  };
  const understood = <T>(text: string | null | undefined, read: (text: string) => T | null, what: string): T | null => {
    if (text === null || text === undefined) return null;
    const value = read(text);
    if (value === null) notes.warnings.push(`реквизит «${what}» не читается: «${text.slice(0, 40)}»`);
    return value;
  };
  const flag = (what: string, ...names: string[]) => understood<boolean>(word(...names), readFlag, what);
  // 0001-01-01 is how 1C writes "no date".
  const dated = (text: string | null | undefined) => (text?.trim().startsWith("0001-01-01") ? null : text);
  const time = (what: string, name: string) => understood<LocalTime>(dated(word(name)), readLocalTime, what);

  return {
    onecNumber: word("номер по 1с") ?? raw.onecNumber ?? null,
    onecDateLocal: understood<LocalTime>(dated(word("дата по 1с") ?? raw.onecDate), readLocalTime, "Дата по 1С"),
    posted: flag("Проведен", "проведен"),
    deleted: understood<boolean>(word("пометкаудаления", "пометка удаления") ?? raw.deletionMark, readFlag, "ПометкаУдаления"),
    cancelled: flag("Отменен", "отменен"),
    paid: flag("Оплачен", "оплачен", "оплачено", "заказ оплачен"),
    shipped: flag("Отгружен", "отгружен", "отгружено"),
    final: flag("Финальный статус", "финальный статус"),
    paymentNumber: word("номер оплаты по 1с"),
    paymentDateLocal: time("Дата оплаты по 1С", "дата оплаты по 1с"),
    shipmentNumber: word("номер отгрузки по 1с"),
    shipmentDateLocal: time("Дата отгрузки по 1С", "дата отгрузки по 1с"),
    statusText: word("статус заказа"),
    // УНФ spells it «Статуса заказа ИД».
    statusId: word("статуса заказа ид", "статус заказа ид"),
    paymentMethod: word("метод оплаты"),
    paymentMethodId: word("метод оплаты ид"),
    bankDocumentNumber: word("номер платежного документа"),
    receiptNumber: word("номер чека"),
    refund: flag("Признак возврата", "признак возврата"),
  };
}

import { element, withAttributes, type Content, type Element } from "./xml-text.ts";
import type { EchoLine } from "./types.ts";

/** `<Товар>` with the very texts 1C gave (commerceml.md 7, point 5), in the order of the official schema. */
export function writeLine(line: EchoLine): Element {
  const { unit } = line;
  return element(
    "Товар",
    element("Ид", line.id),
    element("Штрихкод", line.barcode),
    element("Артикул", line.article),
    element("Наименование", line.name),
    unit &&
      withAttributes(
        "БазоваяЕдиница",
        { Код: unit.code, НаименованиеПолное: unit.fullName, МеждународноеСокращение: unit.international },
        unit.text,
      ),
    element("СтавкиНалогов", ...each(line.taxRates, (rate) => element("СтавкаНалога", element("Наименование", rate.name), element("Ставка", rate.rate)))),
    element(
      "ЗначенияРеквизитов",
      ...each(line.requisites, (requisite) =>
        element("ЗначениеРеквизита", element("Наименование", requisite.name), ...each(requisite.values, (value) => element("Значение", value))),
      ),
    ),
    element("ЦенаЗаЕдиницу", line.price),
    element("Количество", line.quantity),
    element("Сумма", line.sum),
    element("Единица", line.packUnit),
    element("Коэффициент", line.coefficient),
    element(
      "Налоги",
      ...each(line.taxes, (tax) =>
        element("Налог", element("Наименование", tax.name), element("УчтеноВСумме", tax.included), element("Сумма", tax.sum), element("Ставка", tax.rate)),
      ),
    ),
    element(
      "Скидки",
      ...each(line.discounts, (discount) =>
        element(
          "Скидка",
          element("Наименование", discount.name),
          element("Сумма", discount.sum),
          element("Процент", discount.percent),
          element("УчтеноВСумме", discount.included),
        ),
      ),
    ),
  );
}

const each = <T>(list: T[] | undefined, write: (item: T) => Content): Content[] => (list ?? []).map(write);

/** What is wrong with a request, in words for the programmer of 1C: the field by its path and a reason in Russian. Pure. */
import type { z } from "zod";

export type Problem = { code: ProblemCode; msg: string; field: string };

/** Codes of refused items of a package. What each means stands on the page of the exchange. */
export const problemCodes = {
  bad_value: "Поле не читается: имя поля и причина в msg",
  missing_field: "Нет обязательного поля",
  amount_mismatch: "Суммы не сходятся: строки с суммой документа или НДС со ставкой",
  currency: "Принимаются только рубли",
  number_taken: "Номер уже у другого заказа того же года; с номером прошлого года заказ принимается и получает номер вида УТ00-000001/26",
  creation_off: "Создание заказов из 1С выключено в настройках сайта",
  unknown_order: "Заказа с таким id нет на сайте",
  unknown_line: "Строки нет в заказе",
  too_much: "Больше, чем есть в заказе, а у возврата больше, чем отгружено и не возвращено",
  not_shipped: "Возврат раньше отгрузки: передайте отгрузку и повторите",
  changed_after_recorded: "Документ с таким id уже учтён с другим содержанием",
  duplicate: "Заказ встречается в пакете дважды",
  refused: "Отказ: причина в msg",
  internal: "Внутренняя ошибка: повторите, если не проходит, сообщите номер из requestId",
} as const;
export type ProblemCode = keyof typeof problemCodes;

/** `items[2].amount`. */
export const pathText = (path: readonly PropertyKey[]): string => path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("").replace(/^\./, "");

/** The first thing that zod found. */
export function problemOf({ issues }: z.core.$ZodError): Problem {
  const issue = issues[0]!;
  const field = pathText(issue.path);
  const isMissing = issue.code === "invalid_type" && issue.input === undefined && issue.message.startsWith("Invalid input");
  const reason = issue.message.startsWith("Invalid input") || issue.message.startsWith("Too ") ? plainReason(issue) : issue.message;
  return { code: isMissing ? "missing_field" : "bad_value", field, msg: field === "" ? reason : `${field}: ${reason}` };
}

const kinds: Record<string, string> = { object: "объект", array: "массив", string: "текст", number: "число", boolean: "булево" };

function plainReason(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type") return `здесь нужен ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === "too_big") return `не больше ${issue.maximum}`;
  if (issue.code === "too_small") return "здесь не может быть пусто";
  return "неверное значение";
}

type Def = { type: string; shape?: Record<string, z.core.$ZodType>; element?: z.core.$ZodType; innerType?: z.core.$ZodType; in?: z.core.$ZodType; options?: readonly z.core.$ZodType[] };
const defOf = (schema: z.core.$ZodType): Def => schema._zod.def as unknown as Def;

const WARNINGS_MAX = 20;

/** API-18: fields that the schema does not have, as warnings; 1C names ignore case, JSON names do not. */
export function unknownFields(schema: z.core.$ZodType, value: unknown, path = "", found: string[] = []): string[] {
  if (found.length >= WARNINGS_MAX || value === null || typeof value !== "object") return found;
  const def = defOf(schema);
  if (def.innerType ?? def.in) return unknownFields((def.innerType ?? def.in)!, value, path, found);
  if (def.options) {
    const fitting = def.options.find((option) => defOf(option).type === (Array.isArray(value) ? "array" : "object"));
    return fitting ? unknownFields(fitting, value, path, found) : found;
  }
  if (def.element && Array.isArray(value)) {
    for (const [at, each] of value.entries()) unknownFields(def.element, each, `${path}[${at}]`, found);
    return found;
  }
  const { shape } = def;
  if (!shape || Array.isArray(value)) return found;
  for (const [name, inner] of Object.entries(value)) {
    const at = path === "" ? name : `${path}.${name}`;
    if (Object.hasOwn(shape, name)) unknownFields(shape[name]!, inner, at, found);
    else if (found.length < WARNINGS_MAX) {
      const near = Object.keys(shape).find((known) => known.toLowerCase() === name.toLowerCase());
      found.push(`неизвестное поле ${at.slice(0, 80)}${near ? `, может быть, ${near}` : ""}`);
    }
  }
  return found;
}

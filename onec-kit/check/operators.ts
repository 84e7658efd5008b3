import { Raised } from "./interpret.ts";

/** `Строка(…)` and gluing by `+`. A number gets no-break spaces and a comma, which is how a careless body comes to `1 234,5`. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return value ? "Да" : "Нет";
  if (typeof value !== "number") return String(value);
  const [whole = "0", part] = String(value).split(".");
  return whole.replace(/\B(?=(\d{3})+$)/g, "\u00A0") + (part ? `,${part}` : "");
}

/** A condition must be a Булево: the platform converts nothing else. */
export function truthOf(value: unknown): boolean {
  if (typeof value !== "boolean") throw new Raised("значение не может быть преобразовано к типу Булево");
  return value;
}

export function binary(sign: string, left: unknown, right: unknown): unknown {
  switch (sign) {
    case "=":
      return left === right;
    case "<>":
      return left !== right;
    case "и":
    case "или":
      return truthOf(right);
    case "+":
      return typeof left === "string" ? left + textOf(right) : numberOf(left) + numberOf(right);
    case "-":
      return numberOf(left) - numberOf(right);
    case "*":
      return numberOf(left) * numberOf(right);
    case "/":
      return numberOf(left) / numberOf(right);
    case "%":
      return numberOf(left) % numberOf(right);
    case "<":
      return numberOf(left) < numberOf(right);
    case ">":
      return numberOf(left) > numberOf(right);
    case "<=":
      return numberOf(left) <= numberOf(right);
    default:
      return numberOf(left) >= numberOf(right);
  }
}

function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  throw new Raised(`преобразование значения «${textOf(value)}» к типу Число не может быть выполнено`);
}

/** What `ПрочитатьJSON` made of an object: a missing field is an error, as in 1C. */
export type Structure = { readonly [name: string]: unknown };

const NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;
const SHOWN = 120;

/** `ПрочитатьJSON(…)` into a Структура. Throws for text that is no JSON, and for names that a Структура cannot have. */
export function readJson(text: string): Structure {
  let value: unknown;
  try {
    if (text.startsWith("\uFEFF")) throw new Error("BOM");
    value = JSON.parse(text);
  } catch {
    throw new Error(`Непредвиденный символ при чтении JSON: ${text.slice(0, SHOWN) || "ответ пуст"}`);
  }
  checkNames(value, 0);
  if (!isStructure(value)) throw new Error("ответ сайта не объект JSON");
  return value;
}

function checkNames(value: unknown, depth: number): void {
  if (depth > 32) throw new Error("слишком глубокий JSON");
  if (Array.isArray(value)) {
    for (const one of value) checkNames(one, depth + 1);
    return;
  }
  if (!isStructure(value)) return;
  for (const [name, inner] of Object.entries(value)) {
    if (!NAME.test(name)) throw new Error(`Задано неправильное имя атрибута структуры «${name}»`);
    checkNames(inner, depth + 1);
  }
}

export const isStructure = (value: unknown): value is Structure => typeof value === "object" && value !== null && !Array.isArray(value);

/** `Объект.Поле`: throws «Поле объекта не обнаружено» as the platform does. */
export function field(from: unknown, name: string): unknown {
  if (!isStructure(from)) throw new Error(`Значение не является значением объектного типа (${name})`);
  if (!Object.hasOwn(from, name)) throw new Error(`Поле объекта не обнаружено (${name})`);
  return from[name];
}

export const textField = (from: unknown, name: string): string => {
  const value = field(from, name);
  if (value === null) return "";
  if (typeof value !== "string") throw new Error(`поле ${name}: ожидалась строка, пришло ${JSON.stringify(value).slice(0, SHOWN)}`);
  return value;
};

export function listField(from: unknown, name: string): unknown[] {
  const value = field(from, name);
  if (!Array.isArray(value)) throw new Error(`поле ${name}: ожидался массив`);
  return value;
}

/** A structure, or null where the site says that there is none. */
export function partField(from: unknown, name: string): Structure | null {
  const value = field(from, name);
  if (value === null) return null;
  if (!isStructure(value)) throw new Error(`поле ${name}: ожидался объект`);
  return value;
}

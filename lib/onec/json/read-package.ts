import type { z } from "zod";
import { CallRefused } from "./errors.ts";
import { problemOf, unknownFields } from "./problems.ts";
import type { Problem } from "./problems.ts";
import { readJson } from "./read-json.ts";

/** The JSON of a body as an object. Throws 400 with line and position, 422 for JSON of another shape. */
export function readObject(bytes: Uint8Array): { value: Record<string, unknown>; warnings: string[] } {
  const read = readJson(bytes);
  if (!read.ok) throw new CallRefused(400, read.msg, { line: read.line, position: read.position });
  if (typeof read.value !== "object" || read.value === null || Array.isArray(read.value)) throw new CallRefused(422, "В теле нужен объект JSON");
  return { value: read.value as Record<string, unknown>, warnings: read.warnings };
}

/** A body of one object by its schema. Throws 400 and 422. */
export function readOne<S extends z.ZodType>(bytes: Uint8Array, schema: S): { value: z.output<S>; warnings: string[] } {
  const { value, warnings } = readObject(bytes);
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const { msg, field } = problemOf(parsed.error);
    throw new CallRefused(422, msg, { field });
  }
  return { value: parsed.data, warnings: [...warnings, ...unknownFields(schema, value)] };
}

/** `raw`: the item as it came. */
export type Item<T> = { id: string; raw: unknown; warnings: string[] } & ({ value: T } | { problem: Problem });

/** A package `{name: [...]}`: each item is read by itself, so that a bad one blocks no other (API-14). Throws 400, 413, 422. */
export function readPackage<S extends z.ZodType>(bytes: Uint8Array, name: string, item: S, max: number): { items: Item<z.output<S>>[]; warnings: string[] } {
  const { value, warnings } = readObject(bytes);
  const list = value[name];
  if (!Array.isArray(list)) throw new CallRefused(422, `В теле нет массива ${name}`, { field: name });
  if (list.length > max) throw new CallRefused(413, `В пакете ${list.length} объектов, а принимаем до ${max}: разбейте`, { field: name });
  const others = Object.keys(value).filter((key) => key !== name).slice(0, 20).map((key) => `неизвестное поле ${key.slice(0, 80)}`);
  const items = list.map((raw: unknown): Item<z.output<S>> => {
    const parsed = item.safeParse(raw);
    const head = { id: idOf(raw), raw, warnings: unknownFields(item, raw) };
    return parsed.success ? { ...head, value: parsed.data } : { ...head, problem: problemOf(parsed.error) };
  });
  return { items, warnings: [...warnings, ...others] };
}

const ID_MAX = 100;
const idOf = (raw: unknown): string => {
  const id = typeof raw === "object" && raw !== null ? (raw as { id?: unknown }).id : undefined;
  return typeof id === "string" || typeof id === "number" ? String(id).slice(0, ID_MAX) : "";
};

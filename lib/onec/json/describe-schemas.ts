/** The schemas of the exchange as tables for people. Pure. */
import { openApi } from "./openapi.ts";

type Json = Record<string, unknown>;

export type FieldView = { name: string; type: string; /** Name of the structure that the value is, or consists of. */ structure: string | null; isRequired: boolean; description: string };
export type SchemaView = { name: string; description: string; fields: FieldView[] };

const words: Record<string, string> = { string: "строка", number: "число", integer: "целое", boolean: "булево", null: "null", object: "объект", array: "массив" };

export function describeSchemas(): Map<string, SchemaView> {
  const schemas = (openApi("")["components"] as Json)["schemas"] as Record<string, Json>;
  return new Map(
    Object.entries(schemas).map(([name, schema]) => {
      const required = new Set((schema["required"] as string[] | undefined) ?? []);
      const fields = Object.entries((schema["properties"] as Record<string, Json> | undefined) ?? {}).map(([field, inner]): FieldView => {
        const { types, structure } = read(inner);
        return { name: field, type: types.join(" или "), structure, isRequired: required.has(field), description: descriptionOf(inner, schemas) };
      });
      return [name, { name, description: textOf(schema["description"]), fields }] as const;
    }),
  );
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** A field without words of its own takes those of the structure that it is. */
function descriptionOf(inner: Json, schemas: Record<string, Json>): string {
  const own = textOf(inner["description"]) || ((inner["anyOf"] as Json[] | undefined) ?? []).map((each) => textOf(each["description"])).find((text) => text !== "");
  if (own) return own;
  const { structure } = read(inner);
  return structure === null ? "" : textOf(schemas[structure]?.["description"]);
}

function read(schema: Json): { types: string[]; structure: string | null } {
  const ref = textOf(schema["$ref"]).split("/").pop();
  if (ref) return { types: ["объект"], structure: ref };
  const options = schema["anyOf"] as Json[] | undefined;
  if (options) {
    const all = options.map(read);
    return { types: [...new Set(all.flatMap(({ types }) => types))], structure: all.find(({ structure }) => structure !== null)?.structure ?? null };
  }
  if (schema["enum"]) return { types: (schema["enum"] as unknown[]).map((value) => `"${String(value)}"`), structure: null };
  if (schema["type"] === "array") {
    const inner = read((schema["items"] as Json | undefined) ?? {});
    return { types: [inner.structure === null ? `массив: ${inner.types.join(" или ") || "что угодно"}` : "массив"], structure: inner.structure };
  }
  const type = schema["type"];
  return { types: (Array.isArray(type) ? (type as string[]) : [textOf(type)]).map((name) => words[name] ?? name).filter((name) => name !== ""), structure: null };
}

/** Name of the structure that a call takes or gives. */
export const nameOf = (schema: { meta(): { id?: string | undefined } | undefined } | null): string | null => schema?.meta()?.id ?? null;

/** What the kit sends and reads stands in the description of the JSON exchange: addresses, methods, names of fields. */
import { expect, test } from "vitest";
import { openApi, PREFIX } from "@/lib/onec/json/index.ts";
import { kitModules, kitTexts } from "./kit-files.ts";
import type { Expression, Statement } from "./syntax.ts";

type Described = { paths: Record<string, Record<string, unknown>> };
const description = openApi("https://pay.example.ru") as unknown as Described;

/** Every name that stands under `properties` anywhere in the description. */
function namesOf(value: unknown, into = new Set<string>()): Set<string> {
  if (Array.isArray(value)) value.forEach((one) => namesOf(one, into));
  else if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value)) {
      if (key === "properties" && typeof inner === "object" && inner !== null) Object.keys(inner).forEach((name) => into.add(name));
      namesOf(inner, into);
    }
  }
  return into;
}
const known = namesOf(description);
const isWire = (name: string) => /^[a-z][A-Za-z]*$/.test(name);

/** All expressions of all modules, flat. */
function* everything(): Generator<Expression> {
  const inside = function* (e: Expression | null): Generator<Expression> {
    if (!e) return;
    yield e;
    for (const value of Object.values(e)) {
      if (Array.isArray(value)) for (const one of value) yield* inside(one as Expression | null);
      else if (typeof value === "object" && value !== null) yield* inside(value as Expression);
    }
  };
  const walk = function* (list: readonly Statement[]): Generator<Expression> {
    for (const s of list) {
      for (const value of Object.values(s)) {
        if (!Array.isArray(value)) {
          if (typeof value === "object" && value !== null) yield* inside(value as Expression);
        } else if (s.kind === "if" && value === s.branches) {
          for (const branch of s.branches) {
            yield* inside(branch.when);
            yield* walk(branch.body);
          }
        } else yield* walk(value as Statement[]);
      }
    }
  };
  for (const module of kitModules()) for (const method of module.methods) yield* walk(method.body);
}
const expressions = [...everything()];

test("each field that the kit writes or reads is in the description", () => {
  const written = expressions.flatMap((e) => {
    const [first] = e.kind === "call" || e.kind === "new" ? e.args : [];
    if (first?.kind !== "value" || typeof first.value !== "string") return [];
    if (e.kind === "call" && e.of.kind === "member" && e.of.name === "Вставить") return [first.value];
    return e.kind === "new" && e.type === "Структура" ? first.value.split(",").map((name) => name.trim()) : [];
  });
  const read = expressions.flatMap((e) => (e.kind === "member" ? [e.name] : []));
  const names = [...new Set([...written, ...read].filter(isWire))].sort();
  expect(names).toEqual(expect.arrayContaining(["key", "payUrl", "markCodes", "orderId", "rejected", "paidAtLocal"]));
  // `ok`, `msg`, `number` of the HTTP-сервис are answered to us; they are known names as well.
  expect(names.filter((name) => !known.has(name))).toEqual([]);
  expect(known.has("marks")).toBe(false);
});

test("each address that the kit calls is in the description, with its method", () => {
  const called = expressions.flatMap((e): string[] => {
    if (e.kind !== "call" || (e.of.kind !== "member" && e.of.kind !== "name") || !["Вызвать", "ОтправитьФайл"].includes(e.of.name)) return [];
    const [method, path] = e.args;
    const start = (of: Expression | null | undefined): string | null => (of?.kind === "value" && typeof of.value === "string" ? of.value : of?.kind === "binary" ? start(of.left) : null);
    const [verb, at] = [start(method), start(path)];
    return verb && at?.startsWith(PREFIX) ? [`${verb} ${at.slice(PREFIX.length).replace(/\?.*$/, "").replace(/\/$/, "/{guid}")}`] : [];
  });
  const texts = kitTexts().map(([, text]) => text).join("\n");
  const listed = [...texts.matchAll(/ПередатьПакетами\("[^"]+", "\/api\/1c\/v1([^"]+)"/g)].map(([, path]) => `POST ${path}`);
  const files = texts.includes('"/api/1c/v1/documents/"') ? ["PUT /documents/{guid}"] : [];
  const offered = Object.entries(description.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace(PREFIX, "")}`));
  const all = [...new Set([...called, ...listed, ...files])].sort();
  expect(all).toEqual(["DELETE /documents/{guid}", "GET /changes", "GET /ping", "POST /changes/ack", "POST /counterparties", "POST /orders", "POST /refunds", "POST /returns", "POST /shipments", "POST /statements", "PUT /documents/{guid}"]);
  expect(all.filter((one) => !offered.includes(one))).toEqual([]);
});

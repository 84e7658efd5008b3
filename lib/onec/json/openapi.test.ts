/** The description is made of what the door checks with: nothing of it can be missing or wrong. */
import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { findOperation, PREFIX } from "./door.ts";
import { errorsOf, openApi } from "./openapi.ts";
import { operations } from "./operations.ts";
import { unknownFields } from "./problems.ts";
import { ChangeItem, ChangesAnswer } from "./schema-changes.ts";
import { OrderRequest, OrdersAnswer } from "./schema-order.ts";

// oxlint-disable-next-line typescript/no-explicit-any
type Json = Record<string, any>;
const api = openApi("https://pay.example/api/1c/v1") as Json;
const sample = (name: string) => JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8")) as Json;

test("every call of the door is described with its body, its answer, its parameters and its errors, and nothing else is", () => {
  const described = Object.entries(api["paths"] as Json).flatMap(([path, methods]) => Object.keys(methods as Json).map((method) => `${method.toUpperCase()} ${path}`));
  expect(described.toSorted()).toEqual(operations.map(({ method, path }) => `${method} ${path}`).toSorted());
  for (const operation of operations) {
    const told = api["paths"][operation.path][operation.method.toLowerCase()] as Json;
    expect(told["operationId"]).toBe(operation.id);
    const statuses = Object.keys(told["responses"] as Json);
    expect(statuses).toEqual(["200", ...errorsOf(operation).map(String)]);
    expect(Boolean(told["requestBody"])).toBe(operation.body !== null);
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    expect(Object.keys(operation.params)).toEqual(inPath);
    const path = `${PREFIX}${operation.path.replaceAll(/\{\w+\}/g, "c0ffee11-c2d4-11f1-8f10-0050568b1a01")}`;
    expect(findOperation(operation.method, path).operation).toBe(operation);
    expect(findOperation(operation.method, `${path}/`).operation).toBe(operation);
  }
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
});

test("every schema with a name in the schema files is in the description, and every reference leads somewhere", async () => {
  const files = readdirSync(new URL(".", import.meta.url)).filter((name) => name.startsWith("schema-") || name === "errors.ts" || name === "ping-call.ts");
  const named = files.flatMap((name) => [...readFileSync(new URL(name, import.meta.url), "utf8").matchAll(/\.meta\(\{ id: "(\w+)"/g)].map(([, id]) => id!));
  expect(named.length).toBeGreaterThan(30);
  const schemas = api["components"]["schemas"] as Json;
  expect(Object.keys(schemas).toSorted()).toEqual([...new Set(named)].toSorted());
  const text = JSON.stringify(api);
  for (const [, name] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(schemas).toHaveProperty(name!);
  expect(text).not.toContain("$defs");
  // 1C identifiers: Latin letters, digits and underscores, no leading digit.
  const fields = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "properties") for (const field of Object.keys(inner as Json)) fields.add(field);
      walk(inner);
    }
  };
  walk(schemas);
  for (const field of fields) expect(field).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
});

test("each field has a description or a name that says it; answers require every field, requests only what they must", () => {
  const schemas = api["components"]["schemas"] as Json;
  for (const name of ["OrderResult", "OrderAnswer", "GoodsResult", "CounterpartyResult", "RefundAnswer", "StatementAnswer", "ChangeItem", "ChangesAnswer", "DocumentAnswer", "PingAnswer", "Error"]) {
    expect([name, (schemas[name]["required"] as string[]).toSorted()]).toEqual([name, Object.keys(schemas[name]["properties"] as Json).toSorted()]);
  }
  expect(schemas["Order"]["required"]).toEqual(["id"]);
  expect(schemas["Order"]["properties"]["amount"]).toMatchObject({ description: expect.stringContaining("Сумма заказа") });
});

test("the examples are read by the schemas and say no field that is not there", () => {
  for (const { id, body, answer, answerExample } of operations) {
    if (body?.kind === "json") {
      expect([id, body.schema.safeParse(body.example).error]).toEqual([id, undefined]);
      expect([id, unknownFields(body.schema, body.example)]).toEqual([id, []]);
    }
    if (!answer) continue;
    expect([id, answer.safeParse(answerExample).error?.issues]).toEqual([id, undefined]);
    expect([id, unknownFields(answer, answerExample)]).toEqual([id, []]);
  }
});

test("the samples of the specification are read without a warning", () => {
  for (const order of sample("orders-request")["orders"] as Json[]) {
    expect(OrderRequest.safeParse(order).error).toBeUndefined();
    expect(unknownFields(OrderRequest, order)).toEqual([]);
  }
  // Our answers have every field of the samples, and more.
  const fieldsOf = (value: unknown): string[] => (typeof value === "object" && value !== null ? Object.keys(value) : []);
  const result = (OrdersAnswer.shape.results.element).shape;
  for (const one of sample("orders-response")["results"] as Json[]) for (const field of fieldsOf(one)) expect(result).toHaveProperty(field);
  const page = sample("changes-response");
  for (const field of fieldsOf(page)) expect(ChangesAnswer.shape).toHaveProperty(field);
  for (const item of page["items"] as Json[]) {
    for (const [name, part] of Object.entries(item)) {
      expect(ChangeItem.shape).toHaveProperty(name);
      const inner = (ChangeItem.shape as Json)[name]?.unwrap?.()?.shape as Json | undefined;
      if (inner) for (const field of fieldsOf(part)) expect(inner).toHaveProperty(field);
    }
  }
});

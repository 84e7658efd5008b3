/** Objects of a package one by one, as a person pastes or repeats them (A9). */
import type { OpenConnection } from "@/lib/connections/index.ts";
import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import type { MessageKind } from "@/lib/onec-messages/index.ts";
import type { Call, Reply } from "./operation.ts";
import { readJson } from "./read-json.ts";
import { takeCounterpartiesCall } from "./take-counterparties-call.ts";
import { takeOrdersCall } from "./take-orders-call.ts";
import { takeReturnsCall } from "./take-returns-call.ts";
import { takeShipmentsCall } from "./take-shipments-call.ts";

const lists = {
  orders: { kind: "order", run: takeOrdersCall },
  shipments: { kind: "shipment", run: takeShipmentsCall },
  returns: { kind: "return", run: takeReturnsCall },
  counterparties: { kind: "counterparty", run: takeCounterpartiesCall },
} as const satisfies Record<string, { kind: MessageKind; run: (call: Call) => Promise<Reply> }>;

export type ListName = keyof typeof lists;
export type JsonObject = { list: ListName; raw: unknown };

const names = Object.keys(lists) as ListName[];
/** The list that a row of the journal came in; null for what is not sent in lists. */
export const listOfKind = (kind: MessageKind): ListName | null => names.find((name) => lists[name].kind === kind) ?? null;

/**
 * Objects of a pasted text: a package `{"orders": [...]}`, or one order or a list of orders without it. Throws `invalid` (details.field).
 */
export function readObjects(text: string): JsonObject[] {
  const read = readJson(Buffer.from(text));
  if (!read.ok) throw invalid(read.msg, { field: "text" });
  const { value } = read;
  if (Array.isArray(value)) return value.map((raw: unknown) => ({ list: "orders", raw }));
  if (typeof value !== "object" || value === null) throw invalid("Нужен объект JSON", { field: "text" });
  const given = names.filter((name) => Object.hasOwn(value, name));
  if (given.length === 0) return [{ list: "orders", raw: value }];
  return given.flatMap((list): JsonObject[] => {
    const objects: unknown = (value as Record<ListName, unknown>)[list];
    if (!Array.isArray(objects)) throw invalid(`${list}: нужен массив`, { field: "text" });
    return objects.map((raw: unknown) => ({ list, raw }));
  });
}

export type ObjectTaken = { id: string; number: string; siteId: string; status: "created" | "updated" | "unchanged" | "rejected"; msg: string; warnings: string[] };

/** One object through the door's own verb; what came of it stands in the journal by `origin`. */
export async function takeObject(ctx: Ctx, base: OpenConnection, { list, raw }: JsonObject, origin: NonNullable<Call["origin"]>): Promise<ObjectTaken> {
  const bytes = Buffer.from(JSON.stringify({ [list]: [raw] }));
  const reply = await lists[list].run({ ctx: actingAs(ctx, { kind: "onec", connectionId: base.id }), base, params: {}, query: new URLSearchParams(), bytes, contentType: "application/json", origin });
  const { results, warnings } = (reply as { json: { results: (Omit<ObjectTaken, "number"> & { number?: string; name?: string })[]; warnings: string[] } }).json;
  const { number, name, ...rest } = results[0]!;
  return { ...rest, number: number ?? name ?? "", warnings: [...new Set([...rest.warnings, ...warnings])] };
}

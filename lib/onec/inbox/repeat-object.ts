import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, invalid } from "@/lib/kit/errors.ts";
import type { TakenResult } from "@/lib/orders/take-orders.ts";
import { listOfKind, takeObject } from "../json/objects.ts";
import type { ListName, ObjectTaken } from "../json/objects.ts";
import { readGuid } from "../json/values.ts";
import { bindDocument } from "./bind-document.ts";
import type { Corrected, Stored } from "./repeat-message.ts";

/** A refused object of the JSON exchange once more, as it came or with what a person corrects in it. Throws `conflict`, `invalid` (details.field). */
export async function repeatObject(ctx: Ctx, base: OpenConnection, message: Stored, correction: Corrected): Promise<TakenResult> {
  const list = listOfKind(message.kind)!;
  const raw: unknown = JSON.parse(message.payload!);
  if (typeof raw !== "object" || raw === null) throw conflict("В сообщении не объект JSON: исправьте выгрузку в 1С");
  const corrected = await correct(ctx, base, list, raw as Record<string, unknown>, correction);
  await ctx.database.sql`update onec_messages set handled_by = null, handled_at = null where id = ${message.id}`;
  return resultOf(await takeObject(ctx, base, { list, raw: corrected }, { messageId: message.id, ...(message.source !== null && { source: message.source }) }));
}

async function correct(ctx: Ctx, base: OpenConnection, list: ListName, raw: Record<string, unknown>, { bindTo, number }: Corrected): Promise<Record<string, unknown>> {
  if (number !== "") {
    if (list !== "orders") throw invalid("У этого документа номер не меняется", { field: "number" });
    return { ...raw, number };
  }
  if (bindTo === "") return raw;
  if (list === "counterparties") throw invalid("Контрагент к заказу не относится", { field: "bindToNumber" });
  if (list !== "orders") return { ...raw, orderId: null, orderNumber: (await bindDocument(ctx, base, null, bindTo)).number };
  const { id } = raw;
  const guid = typeof id === "string" ? readGuid(id) : null;
  if (guid === null) throw conflict("В документе нет GUID: исправьте выгрузку в 1С");
  return { ...raw, number: (await bindDocument(ctx, base, guid, bindTo)).number };
}

export const outcomes = { created: "created", updated: "revised", unchanged: "unchanged", rejected: "refused" } as const satisfies Record<ObjectTaken["status"], TakenResult["outcome"]>;

function resultOf({ number, siteId, status, msg, warnings }: ObjectTaken): TakenResult {
  return { number, orderId: siteId || null, outcome: outcomes[status], ...(msg !== "" && { reason: msg }), warnings };
}

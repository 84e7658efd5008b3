/** A file whose order is named by a number that several orders have: it goes to no stranger (INV-16). */
import type { Tx } from "@/db/index.ts";
import { raiseAlert, resolveAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { documentKindLabels } from "./states.ts";
import type { DocumentKind } from "./states.ts";

/** Whether several orders of the base have this number, ours or 1C's. */
export async function isTwofold(tx: Tx, connectionId: string, number: string): Promise<boolean> {
  const rows = await tx`
    select id from orders where onec_connection_id = ${connectionId} and number = ${number}
    union select id from orders where onec_connection_id = ${connectionId} and onec_number = ${number} and onec_number <> number limit 2`;
  return rows.length > 1;
}

const keyOf = (documentId: string) => `document:${documentId}:order`;

/** ALR-15: until 1C says the order by its GUID, staff alone see the file. */
export const tellTwofold = (ctx: Ctx, tx: Tx, { documentId, kind, number, orderRef }: { documentId: string; kind: DocumentKind; number: string | null; orderRef: string }) =>
  raiseAlert(ctx, tx, {
    code: "ALR-15", objectKey: keyOf(documentId), severity: "P2",
    title: `${documentKindLabels[kind]} ${number ?? "без номера"} никому не показан: номер «${orderRef.slice(0, 60)}» у нескольких заказов`,
    advice: "Пусть 1С передаст документ ещё раз и назовёт заказ его GUID: по номеру не понять, чей он.",
  });

/** The file has found its order, or names another. */
export const endTwofold = (ctx: Ctx, tx: Tx, documentId: string) => resolveAlert(ctx, tx, "ALR-15", keyOf(documentId));

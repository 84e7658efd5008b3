import type { Sql, Tx } from "@/db/index.ts";

type Fragment = ReturnType<Tx>;

/**
 * A person typed this message's money into 1C: said so here, or its document came without our id and proved it by its sum. 1C knows it under
 * that document and not under our key, so told once more it would book it again. The order and the message are SQL of the statement around.
 */
export const isTypedInSql = (on: Sql | Tx, order: Fragment, message: Fragment): Fragment => on`exists (
  select 1 from order_events h where h.order_id = ${order} and h.subject_id = ${message} and h.kind = 'export.confirmed' and (h.actor like 'staff:%' or h.detail->>'byAmount' = 'true'))`;

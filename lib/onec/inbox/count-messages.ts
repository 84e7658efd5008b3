import type { Ctx } from "@/lib/context.ts";
import { countConflicts } from "./list-conflicts.ts";
import { looksIntoDocuments, owed, stored } from "./list-messages.ts";
import type { MessageScope } from "./list-messages.ts";
import type { MessageFilter, MessageTab } from "./message-filter.ts";

const COUNT_MAX = 10_000;

/** How many stand in each tab with this filter; null = more than are counted, or a search in the documents, which reads some at a time. */
export async function countMessages(ctx: Ctx, scope: MessageScope, filter: MessageFilter): Promise<Record<MessageTab, bigint | null>> {
  const { sql } = ctx.database;
  const count = async (tab: MessageTab): Promise<bigint | null> => {
    if (looksIntoDocuments(scope, filter)) return null;
    const [row] = await sql<{ n: bigint }[]>`
      select (select count(*) from (select 1 from onec_messages m join connections c on c.id = m.connection_id left join orders o on o.id = m.order_id where ${stored(ctx, scope, filter, tab)} limit ${COUNT_MAX}) a)
           + (select count(*) from (select 1 from export_messages e join connections c on c.id = e.connection_id join orders o on o.id = e.order_id where ${owed(ctx, scope, filter, tab)} limit ${COUNT_MAX}) b) as n`;
    return row!.n >= BigInt(COUNT_MAX) ? null : row!.n;
  };
  const { baseId, orderId, text, from, to } = filter;
  const [all, errors, waiting, conflicts] = await Promise.all([count("all"), count("errors"), count("waiting"), countConflicts(ctx, scope, { state: "open", baseId, orderId, text, from, to })]);
  return { all, errors, conflicts, waiting };
}

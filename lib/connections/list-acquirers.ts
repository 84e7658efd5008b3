import type { Ctx } from "@/lib/context.ts";

export type AcquirerChoice = { connectionId: string; name: string };

/** Acquirers of one world by name, to choose from. */
export const listAcquirers = (ctx: Ctx, isTest: boolean): Promise<AcquirerChoice[]> =>
  ctx.database.sql<AcquirerChoice[]>`select id as connection_id, name from connections where kind = 'acquirer' and environment = ${isTest ? "test" : "live"} order by enabled desc, name limit 200`;

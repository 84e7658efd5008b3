import type { Ctx } from "@/lib/context.ts";

export type World = "test" | "live";

/** The one world that staff see (PIL-03): the live one as soon as money can really come, until then the test one. */
export async function currentWorld(ctx: Ctx): Promise<World> {
  const [row] = await ctx.database.sql<{ live: boolean }[]>`
    select exists (select 1 from connections where kind = 'acquirer' and enabled and environment = 'live') as live`;
  return row?.live ? "live" : "test";
}

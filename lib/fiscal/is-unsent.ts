import type { Sql, Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";

/** The receipt (alias `r`) never went to a register and is not on its way there now. */
export const isUnsentSql = (ctx: Ctx, on: Sql | Tx): ReturnType<Tx> => on`(r.state in ('planned', 'queued', 'failed_final') and r.request_body is null and r.send_count = 0 and (r.claimed_until is null or r.claimed_until < ${ctx.now()}))`;

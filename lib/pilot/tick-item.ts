import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid, notFound } from "@/lib/kit/errors.ts";
import { newId, uuidOrNull } from "@/lib/kit/ids.ts";
import { allow, who } from "./may-act.ts";
import { checklistCodes } from "./states.ts";

/** Ticks an item of the staff's checklist off or on again (PIL-06, permission `pilot.tick`): a row with name and time. Throws `forbidden`, `invalid`, `not_found`. */
export async function tickItem(ctx: Ctx, input: { storeId: string; isTest: boolean; item: string; isDone: boolean }): Promise<void> {
  allow(ctx, "pilot.tick", input.storeId);
  const item = checklistCodes.find((code) => code === input.item);
  if (!item) throw invalid("Такого пункта нет");
  await inTransaction(ctx, async (tx) => {
    // Two people at one item take turns; the same tick twice is one.
    const [store] = await tx`select 1 from stores where id = ${uuidOrNull(input.storeId)} for no key update`;
    if (!store) throw notFound("Магазин не найден");
    await tx`
      insert into pilot_ticks (id, store_id, item, is_done, at, actor, is_test)
      select ${newId()}, ${input.storeId}, ${item}, ${input.isDone}, ${ctx.now()}, ${who(ctx)}, ${input.isTest}
       where ${input.isDone} is distinct from coalesce((select t.is_done from pilot_ticks t where t.store_id = ${input.storeId} and t.is_test = ${input.isTest} and t.item = ${item} order by t.at desc, t.id desc limit 1), false)`;
  });
}

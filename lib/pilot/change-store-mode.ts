import { recordAudit } from "@/lib/audit/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { conflict, invalid, notFound } from "@/lib/kit/errors.ts";
import { newId, uuidOrNull } from "@/lib/kit/ids.ts";
import { EVERY_ORDER } from "@/lib/live/index.ts";
import { readExitRule } from "./exit-rule.ts";
import { allow, reasonOf, who } from "./may-act.ts";
import { lockPayments } from "./pay-lock.ts";
import { modeMoves, storeModeLabels, storeModes } from "./states.ts";
import type { StoreMode } from "./states.ts";

export type ModeChange = { storeId: string; to: string; reason: string; /** The world that the exit rule looks at. */ isTest: boolean };

/**
 * Changes the mode of a store (PIL-01, permission `pilot.change`, logged and audited): back at once, forward as far as the pilot, live
 * from the pilot when its exit rule holds (PIL-06). Nothing is deleted: orders that were paid finish their life in every mode (PIL-07).
 * Throws `forbidden`, `invalid` (details.field), `not_found`, `conflict` for a move that is not allowed or whose rule does not hold.
 */
export async function changeStoreMode(ctx: Ctx, input: ModeChange): Promise<{ from: StoreMode; to: StoreMode }> {
  allow(ctx, "pilot.change", input.storeId);
  const reason = reasonOf(input.reason, "Напишите, почему меняется режим: от 5 до 500 знаков");
  const to = storeModes.find((mode) => mode === input.to);
  if (!to) throw invalid("Выберите режим", { field: "to" });
  const from = await inTransaction(ctx, async (tx) => {
    await lockPayments(tx);
    const [store] = await tx<{ name: string; mode: StoreMode; since: Date }[]>`
      select name, mode, coalesce((select c.at from store_mode_changes c where c.store_id = s.id order by c.no desc limit 1), created_at) as since from stores s where id = ${uuidOrNull(input.storeId)} for no key update`;
    if (!store) throw notFound("Магазин не найден");
    if (store.mode === to) throw conflict(`Магазин уже в режиме «${storeModeLabels[to]}»`);
    if (!modeMoves[store.mode].includes(to)) throw conflict(`Из режима «${storeModeLabels[store.mode]}» в режим «${storeModeLabels[to]}» перейти нельзя: в бой выходят из пилота`, { field: "to" });
    const rule = to === "live" ? await readExitRule(ctx, tx, { storeId: input.storeId, isTest: input.isTest }) : null;
    const unmet = rule?.filter((condition) => !condition.holds) ?? [];
    if (unmet.length > 0) throw conflict(`В бой пока нельзя: ${unmet.map((condition) => condition.short).join(", ")}`, { unmet: unmet.map((condition) => condition.code).join(",") });
    const evidence = rule && JSON.stringify(Object.fromEntries(rule.map(({ code, figure, wanted }) => [code, { figure, wanted }])));
    await tx`
      insert into store_mode_changes (id, store_id, from_mode, to_mode, at, actor, reason, evidence)
      values (${newId()}, ${input.storeId}, ${store.mode}, ${to}, ${ctx.now()}, ${who(ctx)}, ${reason}, ${evidence}::text::jsonb)`;
    await tx`update stores set mode = ${to} where id = ${input.storeId}`;
    await recordAudit(ctx, tx, { action: "store.mode_changed", objectType: "store", objectId: input.storeId, before: { mode: store.mode }, after: { mode: to, name: store.name }, reason });
    await ctx.enqueue(tx, "links.offer", { storeId: input.storeId, since: store.since.toISOString(), after: "0" });
    return store.mode;
  });
  ctx.hint(EVERY_ORDER);
  return { from, to };
}

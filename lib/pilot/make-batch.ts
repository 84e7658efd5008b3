import { z } from "zod";
import { payerKinds } from "@/db/schema/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid, notFound } from "@/lib/kit/errors.ts";
import { newId, uuidOrNull } from "@/lib/kit/ids.ts";
import { addDays, instantOfLocal, localDate } from "@/lib/kit/time.ts";
import { refreshOffer } from "@/lib/payments/offer-links.ts";
import { addRefs, holdNamed, parseRefs } from "./batch-refs.ts";
import { chooseOrders } from "./choose-orders.ts";
import { allow, who } from "./may-act.ts";
import { batchKinds } from "./states.ts";

const CAP_MAX = 10_000;
/** A pilot that lasts longer than this has no end. */
const DAYS_MAX = 366;
/** Orders that are here already and are looked at when a rule shall take them as well. */
const EXISTING_MAX = 1_000;

export const NewBatch = z.object({
  storeId: z.string(),
  isTest: z.boolean(),
  kind: z.enum(batchKinds),
  /** Of a rule; null = any. */
  payerKind: z.enum(payerKinds).nullable().default(null),
  counterpartyInn: z.string().nullable().default(null),
  /** Name of who leads the order in 1C. */
  manager: z.string().nullable().default(null),
  totalMaxKopecks: z.bigint().nullable().default(null),
  maxOrders: z.number(),
  /** Last day on which it chooses, `YYYY-MM-DD`. */
  endsOn: z.string(),
  /** Named orders, as typed. */
  refs: z.string().default(""),
  /** A rule also takes unpaid orders that came before it. */
  takesExisting: z.boolean().default(false),
});
export type NewBatch = z.input<typeof NewBatch>;

/**
 * Makes a selection of orders for a pilot store (PIL-02, permission `pilot.change`, audited) and takes what fits it of the orders that are
 * here. Throws `forbidden`, `invalid` (details.field), `not_found`, `conflict` (field `refs`: more names than places).
 */
export async function makeBatch(ctx: Ctx, given: NewBatch): Promise<{ batchId: string; no: bigint; taken: number }> {
  const input = NewBatch.parse(given);
  allow(ctx, "pilot.change", input.storeId);
  const refs = parseRefs(input.refs);
  if (!Number.isInteger(input.maxOrders) || input.maxOrders < 1 || input.maxOrders > CAP_MAX) throw invalid(`Укажите, сколько заказов взять: от 1 до ${CAP_MAX}`, { field: "maxOrders" });
  if (input.totalMaxKopecks !== null && input.totalMaxKopecks <= 0n) throw invalid("Сумма должна быть больше нуля", { field: "totalMax" });
  if (input.kind === "list" && refs.length === 0) throw invalid("Напишите номера заказов", { field: "refs" });
  const today = localDate(ctx.now(), ctx.zone);
  const endsAt = /^\d{4}-\d{2}-\d{2}$/.test(input.endsOn) ? instantOfLocal(`${addDays(input.endsOn, 1)}T00:00:00`, ctx.zone) : null;
  if (!endsAt || input.endsOn < today) throw invalid("Укажите последний день пилота, не раньше сегодняшнего", { field: "endsOn" });
  if (input.endsOn > addDays(today, DAYS_MAX)) throw invalid("Пилот может идти не дольше года", { field: "endsOn" });
  const rule = input.kind === "rule" ? { payerKind: input.payerKind, totalMaxKopecks: input.totalMaxKopecks } : { payerKind: null, totalMaxKopecks: null };
  const batchId = newId();
  const { no, taken } = await inTransaction(ctx, async (tx) => {
    const [store] = await tx`select 1 from stores where id = ${uuidOrNull(input.storeId)}`;
    if (!store) throw notFound("Магазин не найден");
    const inn = input.kind === "rule" ? (input.counterpartyInn?.trim() ?? "") : "";
    const [buyer] = inn === "" ? [] : await tx<{ id: string }[]>`
      select c.id from counterparties c where c.inn = ${inn} and exists (select 1 from connections b where b.id = c.onec_connection_id and b.store_id = ${input.storeId} and b.is_test = ${input.isTest}) order by c.updated_at desc limit 1`;
    if (inn !== "" && !buyer) throw invalid("Покупателя с таким ИНН 1С ещё не присылала", { field: "counterpartyInn" });
    const manager = input.kind === "rule" ? input.manager?.replaceAll(/\s+/g, " ").trim() || null : null;
    const [led] = manager === null ? [] : await tx`select 1 from orders where store_id = ${input.storeId} and is_test = ${input.isTest} and lower(manager) = lower(${manager}) limit 1`;
    if (manager !== null && !led) throw invalid("Заказов этого менеджера 1С ещё не присылала. Имя нужно целиком, как в 1С; менеджера называет только обмен JSON", { field: "manager" });
    const orders = await holdNamed(tx, input, refs);
    const [batch] = await tx<{ no: bigint }[]>`
      insert into pilot_batches (id, store_id, kind, payer_kind, counterparty_id, manager, total_max_kopecks, max_orders, ends_at, created_at, created_by, is_test)
      values (${batchId}, ${input.storeId}, ${input.kind}, ${rule.payerKind}, ${buyer?.id ?? null}, ${manager}, ${rule.totalMaxKopecks}, ${input.maxOrders}, ${endsAt}, ${ctx.now()}, ${who(ctx)}, ${input.isTest}) returning no`;
    const held = { batchId, no: batch!.no, storeId: input.storeId, isTest: input.isTest, maxOrders: input.maxOrders, takenCount: 0, endsAt, closedAt: null };
    const { takenNow } = await addRefs(ctx, tx, held, refs, orders);
    if (input.kind === "rule" && input.takesExisting) {
      const existing = await tx<{ id: string }[]>`
        select o.id from orders o where o.store_id = ${input.storeId} and o.is_test = ${input.isTest} and o.pilot_batch_id is null and o.payment_status = 'not_paid' and o.is_posted
           and o.onec_payment_number is null and o.lifecycle in ('active', 'reserved') order by o.order_date desc limit ${EXISTING_MAX}`;
      const ids = existing.map((order) => order.id);
      await tx`select 1 from orders where id = any(${ids}::uuid[]) order by id for no key update`;
      takenNow.push(...(await chooseOrders(ctx, tx, { storeId: input.storeId, isTest: input.isTest, fresh: ids, known: [] })).map((each) => each.orderId));
    }
    for (const orderId of takenNow) await refreshOffer(ctx, tx, orderId);
    await recordAudit(ctx, tx, {
      action: "pilot.batch_made", objectType: "pilot_batch", objectId: batchId,
      after: { no: batch!.no, storeId: input.storeId, kind: input.kind, ...rule, counterpartyInn: inn || null, manager, maxOrders: input.maxOrders, endsOn: input.endsOn, named: refs.length, taken: takenNow.length },
    });
    return { no: batch!.no, taken: takenNow.length };
  });
  return { batchId, no, taken };
}

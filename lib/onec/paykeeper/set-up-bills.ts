import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid, notFound } from "@/lib/kit/errors.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";
import { baseSettings } from "../base-settings.ts";
import { billSettings, billSubjects, billVatRates } from "./door-settings.ts";
import type { BillSettings } from "./door-settings.ts";

export type BillBase = { connectionId: string; name: string; bills: BillSettings };

/** Bases of this world whose 1C makes bills through the PayKeeper-compatible door. */
export async function listBillBases(ctx: Ctx, { isTest }: { isTest: boolean }): Promise<BillBase[]> {
  const rows = await ctx.database.sql<{ connectionId: string; name: string; settings: Record<string, unknown> }[]>`
    select id as connection_id, name, settings from connections where kind = 'onec' and enabled and environment = ${isTest ? "test" : "live"} order by name limit 100`;
  return rows.flatMap(({ connectionId, name, settings }) => (baseSettings({ settings }).doors.includes("paykeeper") ? [{ connectionId, name, bills: billSettings({ settings }) }] : []));
}

/**
 * Somebody who answers for the books chooses what the one line of a bill is on the receipt, and whether 1C's word about cash is booked (API-13, domain 1.2).
 * Audited. Throws `forbidden`, `not_found`, `invalid` (details.field).
 */
export async function setUpBills(ctx: Ctx, input: { connectionId: string; vatRate: string; subject: string; booksCash: boolean }): Promise<void> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "settings.policies")) throw forbidden();
  const vatRate = billVatRates.find((each) => each === input.vatRate);
  if (!vatRate) throw invalid("Выберите ставку НДС", { field: "vatRate" });
  const subject = billSubjects.find((each) => each === input.subject);
  if (!subject) throw invalid("Выберите, что продаёте: товар или услугу", { field: "subject" });
  const chosen = { vatRate, subject, cash: input.booksCash ? "book" : "refuse" };
  await inTransaction(ctx, async (tx) => {
    const [before] = await tx<{ id: string; paykeeper: unknown }[]>`
      select id, settings->'paykeeper' as paykeeper from connections where id = ${uuidOrNull(input.connectionId)} and kind = 'onec' for update`;
    if (!before) throw notFound("База 1С не найдена");
    await tx`
      update connections set settings = jsonb_set(settings, '{paykeeper}', coalesce(settings->'paykeeper', '{}'::jsonb) || ${JSON.stringify(chosen)}::text::jsonb) where id = ${before.id}`;
    await recordAudit(ctx, tx, { action: "bills.set_up", objectType: "connection", objectId: before.id, before: { settings: before.paykeeper ?? null }, after: { settings: chosen } });
  });
}

import type { Sql, Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { defaults } from "@/lib/settings/index.ts";
import type { SettingKey } from "@/lib/settings/index.ts";
import { allow, reasonOf } from "./may-act.ts";

/** What the exit rule of a pilot wants, in the order of the form; the numbers are those of every store. */
export const exitKeys = { orders: "pilot.exitOrders", perMethod: "pilot.exitPerMethod", refunds: "pilot.exitRefunds", drills: "pilot.exitDrills", days: "pilot.exitClosedDays" } as const satisfies Record<string, SettingKey>;
export type ExitNumber = keyof typeof exitKeys;
export type ExitNumbers = Record<ExitNumber, number>;
const numbers = Object.keys(exitKeys) as ExitNumber[];

const MOST = 10_000;

export async function readExitNumbers(on: Sql | Tx): Promise<ExitNumbers> {
  const rows = await (on as Sql)<{ key: string; value: number }[]>`select key, value from settings where key = any(${Object.values(exitKeys)})`;
  return Object.fromEntries(numbers.map((name) => [name, rows.find((row) => row.key === exitKeys[name])?.value ?? defaults[exitKeys[name]]])) as ExitNumbers;
}

export type ExitChange = { at: Date; actorName: string | null; reason: string | null };

/** Who changed the rule last; null: it is as it was delivered. */
export async function lastExitChange(ctx: Ctx): Promise<ExitChange | null> {
  const [row] = await ctx.database.sql<ExitChange[]>`
    select a.at, u.name as actor_name, a.reason from audit_log a left join staff_users u on 'staff:' || u.id = a.actor where a.object_type = 'setting' and a.object_id = 'pilot.exit' order by a.at desc, a.id desc limit 1`;
  return row ?? null;
}

/** Changes what a pilot must have shown (PIL-06), for every store; at least one order. Audited with the reason. Throws `forbidden`, `invalid` (details.field). */
export async function setExitRule(ctx: Ctx, input: Record<ExitNumber, string> & { reason: string }): Promise<void> {
  allow(ctx, "pilot.change", null);
  const wanted = Object.fromEntries(numbers.map((name) => [name, wholeOf(name, input[name])])) as ExitNumbers;
  const reason = reasonOf(input.reason, "Напишите, почему условия другие");
  await inTransaction(ctx, async (tx) => {
    await tx`select pg_advisory_xact_lock(hashtext('pilot.exit'))`;
    const before = await readExitNumbers(tx);
    const changed = numbers.filter((name) => before[name] !== wanted[name]);
    if (changed.length === 0) throw invalid("Числа те же: менять нечего", { field: "orders" });
    for (const name of changed) {
      await tx`
        insert into settings (key, value, updated_at) values (${exitKeys[name]}, ${String(wanted[name])}::text::jsonb, ${ctx.now()}) on conflict (key) do update set value = excluded.value, updated_at = excluded.updated_at`;
    }
    const only = (of: ExitNumbers) => Object.fromEntries(changed.map((name) => [exitKeys[name], of[name]]));
    await recordAudit(ctx, tx, { action: "pilot.exit_rule", objectType: "setting", objectId: "pilot.exit", reason, before: only(before), after: only(wanted) });
  });
}

function wholeOf(name: ExitNumber, text: string): number {
  const value = /^\d{1,5}$/.test(text.trim()) ? Number(text.trim()) : Number.NaN;
  const least = name === "orders" ? 1 : 0;
  if (!(value >= least && value <= MOST)) throw invalid(`Целое число от ${least} до ${MOST}`, { field: name });
  return value;
}

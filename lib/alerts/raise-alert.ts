import type { Sql, Tx, Write } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";

export type NewAlert = {
  /** `ALR-nn` of domain 6.1. */
  code: string;
  /** What it is about: equal code and object are one alert, counted. */
  objectKey: string;
  severity: "P1" | "P2" | "P3" | "P4";
  orderId?: string | null;
  /** One Russian sentence: what happened. */
  title: string;
  /** Russian: what to do. */
  advice: string;
  amountKopecks?: bigint | null;
  detail?: Record<string, unknown>;
};

/** Raises an alert, or counts it on the open one. Severity only grows while it is open. */
export async function raiseAlert(ctx: Ctx, on: Tx | Sql, alert: NewAlert): Promise<void> {
  await alertWrite(ctx, on, alert);
}

/** The same as a write that is sent together with others. */
export function alertWrite(ctx: Ctx, on: Tx | Sql, alert: NewAlert): Write {
  const now = ctx.now();
  return on`
    insert into alerts (id, code, object_key, order_id, severity, state, title, advice, amount_kopecks, detail, first_at, last_at)
    values (${newId()}, ${alert.code}, ${alert.objectKey}, ${alert.orderId ?? null}, ${alert.severity}, 'firing', ${alert.title}, ${alert.advice},
      ${alert.amountKopecks ?? null}, ${JSON.stringify(alert.detail ?? {})}::text::jsonb, ${now}, ${now})
    on conflict (code, object_key) where state <> 'resolved' do update set
      count = alerts.count + 1, last_at = excluded.last_at, title = excluded.title, advice = excluded.advice,
      severity = least(alerts.severity, excluded.severity), amount_kopecks = excluded.amount_kopecks, detail = excluded.detail`;
}

/** The cause is gone. Nothing happens when no such alert is open. */
export async function resolveAlert(ctx: Ctx, on: Tx | Sql, code: string, objectKey: string): Promise<void> {
  await on`update alerts set state = 'resolved', resolved_at = ${ctx.now()} where code = ${code} and object_key = ${objectKey} and state <> 'resolved'`;
}

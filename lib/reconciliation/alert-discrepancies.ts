import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatDayMonth, formatMoney } from "@/lib/kit/format.ts";
import { discrepancyAdvice } from "./advice.ts";
import type { DiscrepancyClass } from "./states.ts";
import { discrepancyClasses } from "./states.ts";

type Row = { id: string; class: DiscrepancyClass; severity: "P1" | "P2" | "P3"; connectionId: string | null; connectionName: string | null; businessDate: string; orderId: string | null; orderNumber: string | null; kopecks: bigint | null };

/** More new ones of one class, bank and day than that are one event, not a flood. */
const SINGLE_MAX = 5;
const ROWS_MAX = 20_000;

/** ALR-16 for open P1, ALR-18 for a registry that did not come; ends the alerts of what is closed. In the caller's transaction. */
export async function alertDiscrepancies(ctx: Ctx, tx: Tx): Promise<void> {
  await tx`
    update alerts a set state = 'resolved', resolved_at = ${ctx.now()}
     where a.code in ('ALR-16', 'ALR-18') and a.state <> 'resolved' and a.object_key like 'discrepanc%'
       and not exists (select 1 from discrepancies d where d.alert_id = a.id and d.state in ('expected', 'open'))`;
  // A receipt has alerts of its own that grow with time (ALR-06 … ALR-08): one matter, one alert.
  await tx`
    update discrepancies d set alert_id = a.id from alerts a
     where d.state = 'open' and d.severity = 'P1' and d.alert_id is null and a.code in ('ALR-06', 'ALR-07', 'ALR-08', 'ALR-13') and a.state <> 'resolved'
       and a.object_key in ('receipt:' || d.receipt_id, 'export:' || (select m.id from export_messages m where m.fact_id = d.fact_id and d.class = 'MISSING_IN_1C' order by m.order_id = d.order_id desc limit 1))`;
  const rows = await tx<Row[]>`
    select d.id, d.class, d.severity, d.connection_id, c.name as connection_name, d.business_date::text, d.order_id, o.number as order_number, coalesce(d.theirs_kopecks, d.ours_kopecks) as kopecks
      from discrepancies d left join connections c on c.id = d.connection_id left join orders o on o.id = d.order_id
     where d.state = 'open' and d.alert_id is null and (d.severity = 'P1' or d.class = 'REGISTRY_LATE') order by d.found_at, d.id limit ${ROWS_MAX}`;
  for (const group of grouped(rows)) {
    if (group.length <= SINGLE_MAX) for (const row of group) await raiseFor(ctx, tx, `discrepancy:${row.id}`, [row]);
    else await raiseFor(ctx, tx, `discrepancies:${group[0]!.class}:${group[0]!.connectionId ?? "-"}:${group[0]!.businessDate}`, group);
  }
}

function grouped(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.class} ${row.connectionId} ${row.businessDate}`;
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}

async function raiseFor(ctx: Ctx, tx: Tx, objectKey: string, rows: readonly Row[]): Promise<void> {
  const [first] = rows;
  const code = first!.class === "REGISTRY_LATE" ? "ALR-18" : "ALR-16";
  const kopecks = rows.reduce((sum, row) => sum + (row.kopecks ?? 0n), 0n);
  const what = discrepancyClasses[first!.class].label.toLowerCase();
  const where = [first!.connectionName && `«${first!.connectionName}»`, formatDayMonth(first!.businessDate), rows.length === 1 && first!.orderNumber && `заказ №\u00A0${first!.orderNumber}`].filter(Boolean).join(", ");
  await raiseAlert(ctx, tx, {
    code, objectKey, severity: first!.severity, orderId: rows.length === 1 ? first!.orderId : null, amountKopecks: kopecks === 0n ? null : kopecks,
    title: `Сверка: ${what}${kopecks === 0n ? "" : `, ${formatMoney(kopecks)}`}${rows.length > 1 ? `, операций: ${rows.length}` : ""} (${where})`,
    advice: discrepancyAdvice[first!.class],
    detail: { class: first!.class, discrepancyId: first!.id, count: rows.length },
  });
  await tx`update discrepancies set alert_id = (select id from alerts where code = ${code} and object_key = ${objectKey} and state <> 'resolved') where id = any(${rows.map((row) => row.id)})`;
}

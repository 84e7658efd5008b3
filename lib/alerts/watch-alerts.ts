import type { Ctx } from "@/lib/context.ts";
import { byHandSql, byHandTitle, byHandWords, flavourSql } from "@/lib/exports/index.ts";
import type { ByHandReason } from "@/lib/exports/index.ts";
import { formatMoney } from "@/lib/kit/format.ts";
import { HOUR_MS, MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { endOutages } from "./end-outages.ts";
import { raiseAlert } from "./raise-alert.ts";
import { watchClosings } from "./watch-closings.ts";

/** Alerts of one kind raised in one run; the next run takes those that are still without one. */
const LIMIT = 200;

/** Job, every minute: alerts that come from waiting (domain 6.1), and the end of those whose cause is gone. */
export async function watchAlerts(ctx: Ctx): Promise<void> {
  await watchReceipts(ctx);
  await watchClosings(ctx);
  await watchAttempts(ctx);
  await watchExports(ctx);
  await watchExchange(ctx);
  await endOutages(ctx);
}

/** ALR-06, ALR-07. */
async function watchReceipts(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const alarmMs = (await readSetting(sql, "receipt.alarmMinutes")) * MINUTE_MS;
  const criticalMs = (await readSetting(sql, "receipt.criticalMinutes")) * MINUTE_MS;
  const late = await sql<{ id: string; orderId: string | null; number: string | null; totalKopecks: bigint; plannedAt: Date; failText: string | null }[]>`
    select r.id, r.order_id, o.number, r.total_kopecks, r.planned_at, r.fail_text from receipts r left join orders o on o.id = r.order_id
     where r.state in ('planned', 'queued', 'sent', 'unknown', 'failed_retryable') and r.planned_at < ${addMs(ctx.now(), -alarmMs)} and ${notRaised(ctx, sql`case when r.planned_at < ${addMs(ctx.now(), -criticalMs)} then 'ALR-07' else 'ALR-06' end`, sql`'receipt:' || r.id`)} order by r.planned_at limit ${LIMIT}`;
  for (const receipt of late) {
    const isCritical = ctx.now().getTime() - receipt.plannedAt.getTime() > criticalMs;
    await raiseOnce(ctx, isCritical ? "ALR-07" : "ALR-06", `receipt:${receipt.id}`, {
      orderId: receipt.orderId,
      severity: isCritical ? "P1" : "P2",
      amountKopecks: receipt.totalKopecks,
      title: `Чек на ${formatMoney(receipt.totalKopecks)} не пробит дольше ${isCritical ? "4 часов" : "15 минут"}${receipt.number ? `, заказ №\u00A0${receipt.number}` : ""}`,
      advice: receipt.failText ? `Последний ответ кассы: ${receipt.failText.slice(0, 200)}` : "Проверьте, работает ли касса. Повторы идут сами.",
    });
  }
  await resolveGone(ctx, ["ALR-06", "ALR-07"], "receipt", sql`select 1 from receipts r where 'receipt:' || r.id = a.object_key and r.state not in ('registered', 'not_required', 'cancelled')`);
  await resolveGone(ctx, ["ALR-08"], "receipt", sql`select 1 from receipts r where 'receipt:' || r.id = a.object_key and r.state not in ('registered', 'not_required', 'cancelled')`);
}

/** ALR-03: an outcome unknown for 15 minutes, or no final state half an hour after the provider's limit. */
async function watchAttempts(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const now = ctx.now();
  const stuck = await sql<{ id: string; orderId: string; number: string; amountKopecks: bigint; createdAt: Date }[]>`
    select a.id, a.order_id, o.number, a.amount_kopecks, a.created_at from payment_attempts a join orders o on o.id = a.order_id
     where ((a.state in ('unknown', 'created') and a.created_at < ${addMs(now, -15 * MINUTE_MS)})
        or (a.state = 'pending' and a.expires_at < ${addMs(now, -30 * MINUTE_MS)}))
       and ${notRaised(ctx, sql`'ALR-03'`, sql`'attempt:' || a.id`, sql`a.created_at < ${addMs(now, -24 * HOUR_MS)}`)} order by a.created_at limit ${LIMIT}`;
  for (const attempt of stuck) {
    await raiseOnce(ctx, "ALR-03", `attempt:${attempt.id}`, {
      orderId: attempt.orderId,
      severity: now.getTime() - attempt.createdAt.getTime() > 24 * HOUR_MS ? "P1" : "P2",
      amountKopecks: attempt.amountKopecks,
      title: `Результат платежа ${formatMoney(attempt.amountKopecks)} неизвестен, заказ №\u00A0${attempt.number}`,
      advice: "Мы спрашиваем банк сами. Если ответа нет долго, найдите платёж в кабинете банка.",
    });
  }
  await resolveGone(ctx, ["ALR-03"], "attempt", sql`select 1 from payment_attempts p where 'attempt:' || p.id = a.object_key and p.state in ('created', 'unknown', 'pending', 'authorized')`);
}

/** ALR-13 (CML-32): taken by 1C and never booked, never taken, or nothing that its exchange can take. What 1C took and did not book is told at once. */
async function watchExports(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const now = ctx.now();
  const criticalMs = (await readSetting(sql, "onec.confirmHours")) * HOUR_MS;
  const waiting = await sql<{ id: string; orderId: string; number: string; amountKopecks: bigint; createdAt: Date; state: string; kind: string; channel: string; flavour: string; byHand: ByHandReason | null }[]>`
    select m.id, m.order_id, o.number, m.amount_kopecks, m.created_at, m.state, f.kind, k.money_channel as channel, ${flavourSql(sql)} as flavour, ${byHandSql(sql)} as by_hand
      from export_messages m join orders o on o.id = m.order_id join money_facts f on f.id = m.fact_id join connections k on k.id = m.connection_id
     where m.state in ('pending', 'delivered') and (m.created_at < ${addMs(now, -HOUR_MS)} or m.skipped_at is not null)
       and ${notRaised(ctx, sql`'ALR-13'`, sql`'export:' || m.id`, sql`m.created_at < ${addMs(now, -criticalMs)}`)} order by m.created_at limit ${LIMIT}`;
  for (const message of waiting) {
    await raiseOnce(ctx, "ALR-13", `export:${message.id}`, {
      orderId: message.orderId,
      severity: now.getTime() - message.createdAt.getTime() > criticalMs ? "P1" : "P2",
      amountKopecks: message.amountKopecks,
      title: `${exportTitle(message)}, заказ №\u00A0${message.number}`,
      advice: message.byHand ? `${byHandTitle(message.byHand)}. ${byHandWords[message.byHand].why} ${byHandWords[message.byHand].todo}`
        : waitingAdvice(message),
    });
  }
  await resolveGone(ctx, ["ALR-13"], "export", sql`select 1 from export_messages e where 'export:' || e.id = a.object_key and e.state <> 'confirmed'`);
}

/** Only УТ wants the order to wait for approval (commerceml.md 7); 1C that asked as of PayKeeper names no document of its own. */
function waitingAdvice({ state, channel, flavour }: { state: string; channel: string; flavour: string }): string {
  if (state === "pending") return "Запустите обмен в 1С и проверьте его журнал.";
  if (channel !== "commerceml") return "1С узнала об оплате, но номера своего документа не назвала. Найдите его в 1С и внесите номер в карточке заказа.";
  return flavour === "ut" ? "Откройте заказ в 1С: он должен ждать согласования, а способ оплаты стоять в таблице соответствия." : "Найдите оплату в заказе 1С. Если её нет, проверьте в настройке обмена, что способ оплаты стоит в таблице соответствия.";
}

function exportTitle({ kind, amountKopecks, state, byHand }: { kind: string; amountKopecks: bigint; state: string; byHand: ByHandReason | null }): string {
  const sum = formatMoney(amountKopecks);
  if (kind === "payment_captured") return `Оплата ${sum} ${state === "delivered" ? "передана, но не учтена в 1С" : byHand ? "не попадёт в 1С обменом" : "не передана в 1С"}`;
  return `${kind === "refund_succeeded" ? "Возврат" : "Отмена оплаты или возврата"} ${sum}: 1С ещё не знает об этом`;
}

/** ALR-12: a 1C base that used to come is silent. */
async function watchExchange(ctx: Ctx): Promise<void> {
  const { sql } = ctx.database;
  const now = ctx.now();
  const silentMs = (await readSetting(sql, "onec.silentMinutes")) * MINUTE_MS;
  const silent = await sql<{ id: string; name: string; lastSeenAt: Date }[]>`
    select id, name, last_seen_at from connections where kind = 'onec' and enabled and last_seen_at < ${addMs(now, -silentMs)}`;
  for (const base of silent) {
    const hours = (now.getTime() - base.lastSeenAt.getTime()) / HOUR_MS;
    await raiseOnce(ctx, "ALR-12", `connection:${base.id}`, {
      severity: hours >= 2 ? "P1" : "P2",
      title: `«${base.name}» не выходит на обмен`,
      advice: "Проверьте регламентное задание обмена в 1С. Оплаты принимаются и ждут в очереди.",
    });
    if (hours < 24) continue;
    // LOST-16: an alert of its own, so that who acknowledged the first hears of the day.
    await raiseOnce(ctx, "ALR-12", `connection:${base.id}:day`, {
      severity: "P1",
      title: `«${base.name}» не выходит на обмен больше суток`,
      advice: "Сообщите директору. Оплаты и чеки идут, но 1С о них не знает: новые суммы и отгрузки из 1С тоже не приходят.",
    });
  }
  await resolveGone(ctx, ["ALR-12"], "connection", sql`select 1 from connections c where (('connection:' || c.id = a.object_key) or ('connection:' || c.id || ':day' = a.object_key)) and c.last_seen_at < ${addMs(now, -silentMs)}`);
}

type Fragment = ReturnType<Ctx["database"]["sql"]>;

/** No such alert is open yet, or the open one has become urgent since: without it the oldest rows would hide all others. */
function notRaised(ctx: Ctx, code: Fragment, objectKey: Fragment, isUrgent?: Fragment): Fragment {
  const { sql } = ctx.database;
  return sql`not exists (select 1 from alerts x where x.code = ${code} and x.object_key = ${objectKey} and x.state <> 'resolved' and (x.severity = 'P1' or not ${isUrgent ?? sql`false`}))`;
}

type Raise = Omit<Parameters<typeof raiseAlert>[2], "code" | "objectKey">;

/** Waiting is one event, however many minutes the watcher saw it: the open alert is not counted up. */
async function raiseOnce(ctx: Ctx, code: string, objectKey: string, alert: Raise): Promise<void> {
  const { sql } = ctx.database;
  const [open] = await sql<{ severity: string }[]>`select severity from alerts where code = ${code} and object_key = ${objectKey} and state <> 'resolved'`;
  if (!open || open.severity > alert.severity) await raiseAlert(ctx, sql, { code, objectKey, ...alert });
}

async function resolveGone(ctx: Ctx, codes: string[], kind: string, stillThere: Fragment): Promise<void> {
  await ctx.database.sql`
    update alerts a set state = 'resolved', resolved_at = ${ctx.now()} where a.code = any(${codes}) and a.state <> 'resolved'
       and a.object_key like ${`${kind}:%`} and not exists (${stillThere})`;
}

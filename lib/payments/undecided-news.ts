import type { Tx } from "@/db/index.ts";
import { raiseAlert } from "@/lib/alerts/raise-alert.ts";
import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, addMs } from "@/lib/kit/time.ts";

export type UndecidedNews = { inboxId: string; connectionId: string; connectionName: string; orderId: string | null; providerPaymentId: string | null };

/** The alert key of a payment that no order is known for; the same one when it is recorded later. */
export const paymentKey = (connectionId: string, providerPaymentId: string): string => `payment:${connectionId}:${providerPaymentId}`;

/** ALR-16: authentic news of money that the provider has not borne out; it stays open and is asked about on (LOST-20). */
export async function alertUndecided(ctx: Ctx, tx: Tx, news: UndecidedNews): Promise<void> {
  await raiseAlert(ctx, tx, {
    code: "ALR-16",
    objectKey: news.providerPaymentId === null ? `inbox:${news.inboxId}` : paymentKey(news.connectionId, news.providerPaymentId),
    orderId: news.orderId,
    severity: "P1",
    title: `«${news.connectionName}» уведомил о платеже${news.providerPaymentId === null ? "" : ` №\u00A0${news.providerPaymentId.slice(0, 40)}`}, но не подтверждает его`,
    advice: "Деньги не учтены. Найдите платёж в кабинете банка. Мы продолжаем спрашивать банк сами.",
    detail: { class: "MISSING_IN_REGISTRY" },
  });
}

/** Asked about every two minutes for an hour, then every half hour for a week; after that only the alert is left. */
const SOON_MS = 2 * MINUTE_MS;
const LATER_MS = 30 * MINUTE_MS;

/** For the janitor: news whose turn to be asked about has come. `handled_at` is the last time; it moves here, so that one job at a time runs. */
export async function askUndecided(ctx: Ctx, tx: Tx, limit: number): Promise<void> {
  const now = ctx.now();
  const due = await tx<{ id: string; providerPaymentId: string }[]>`
    update inbox_messages set handled_at = ${now} where id in (
      select id from inbox_messages where result in ('received', 'orphan') and provider_payment_id is not null and received_at > ${addMs(now, -7 * DAY_MS)}
         and handled_at < case when received_at > ${addMs(now, -HOUR_MS)} then ${addMs(now, -SOON_MS)}::timestamptz else ${addMs(now, -LATER_MS)}::timestamptz end
       order by handled_at limit ${limit})
    returning id, provider_payment_id`;
  for (const { id, providerPaymentId } of due) await ctx.enqueue(tx, "inbox.match", { inboxId: id, providerPaymentId });
}

import type { Metadata } from "next";
import Link from "next/link";
import { requireWorld } from "../../session/world.ts";
import type { PageWithSearch } from "../../session/search-params.ts";
import { buttonClass } from "@/components/ui/button.tsx";
import { DisputeRows } from "@/components/admin/dispute-rows.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Empty, PageHead, Panel, Tabs } from "@/components/admin/page-parts.tsx";
import { PaymentFilters } from "@/components/admin/payment-filters.tsx";
import { PaymentRows } from "@/components/admin/payment-rows.tsx";
import { PaymentSheet } from "@/components/admin/payment-sheet.tsx";
import { RefundQueues } from "@/components/admin/refund-queues.tsx";
import { UnboundList } from "@/components/admin/unbound-list.tsx";
import { listUnbound } from "@/lib/allocations/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { listDisputes, openDisputeStates } from "@/lib/disputes/index.ts";
import { formatCount, formatMoney } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { localDate } from "@/lib/kit/time.ts";
import { listApprovers, listRefunds, meOf, readRefunds } from "@/lib/refunds/index.ts";
import { PAYMENTS_PER_PAGE, countPayments, isListTab, isNarrowed, listPayments, listProviders, parsePaymentFilter, paymentFilterQuery, paymentTabLabels, paymentTabs, readPaymentDetail, totalPayments } from "@/lib/reports/payments/index.ts";
import type { ListTab, PaymentFilter, PaymentTotals } from "@/lib/reports/payments/index.ts";

export const metadata: Metadata = { title: "Платежи" };

const empty: Record<ListTab, [title: string, text: string]> = {
  succeeded: ["Платежей ещё не было", "Они появятся, как только покупатель оплатит заказ или 1С сообщит о переводе."],
  working: ["Сейчас никто не платит", "Здесь видны начатые оплаты, которые ещё не закончились."],
  unknown: ["Неизвестных результатов нет", "Сюда попадает платёж, о котором банк не ответил. Мы спрашиваем его сами и второй раз не списываем."],
  declined: ["Отказов нет", "Здесь видны оплаты, которые банк отклонил или покупатель не закончил."],
  refunds: ["Возвратов ещё не было", "Возврат начинают на странице заказа кнопкой «Возврат…»."],
};

const forms = { succeeded: ["платёж", "платежа", "платежей"], working: ["оплата", "оплаты", "оплат"], unknown: ["оплата", "оплаты", "оплат"], declined: ["попытка", "попытки", "попыток"], refunds: ["возврат", "возврата", "возвратов"] } as const;

function note(tab: ListTab, totals: PaymentTotals): string {
  const known = totals.withFee > 0n ? `, комиссия ${formatMoney(totals.feeKopecks)}${totals.withFee < totals.count ? ` по ${formatCount(totals.withFee, ["строке", "строкам", "строкам"])} реестра` : ""}` : "";
  return `${formatCount(totals.count, forms[tab])} на ${formatMoney(totals.amountKopecks)}${known}`;
}

export default async function PaymentsPage({ searchParams }: PageWithSearch) {
  const scope = await requireWorld();
  const { ctx, viewer, isTest, staff } = scope;
  const may = (permission: Parameters<typeof can>[1]) => can(staff.role, permission);
  const asked = parsePaymentFilter(await searchParams);
  const allowed = paymentTabs.filter((tab) => (tab === "unbound" ? may("payment.bind") : tab === "disputes" ? may("dispute.manage") : true));
  const filter: PaymentFilter = allowed.includes(asked.tab) ? asked : { ...asked, tab: "succeeded" };
  const { tab } = filter;
  const listed = isListTab(tab) ? { ...filter, tab } : null;
  const isRefunds = tab === "refunds";
  const [counts, totals, page, unbound, disputes, toApprove, toPayOut, approvers, providers, detail] = await Promise.all([
    countPayments(ctx, scope, filter),
    listed ? totalPayments(ctx, scope, listed) : null,
    listed ? listPayments(ctx, scope, listed) : null,
    may("payment.bind") ? listUnbound(ctx, isTest) : [],
    may("dispute.manage") ? listDisputes(ctx, viewer, { isTest }) : [],
    isRefunds ? listRefunds(ctx, viewer, { show: "approve", isTest }) : [],
    isRefunds ? listRefunds(ctx, viewer, { show: "pay_out", isTest }) : [],
    listApprovers(ctx),
    listProviders(ctx, isTest),
    filter.open ? readPaymentDetail(ctx, scope, filter.open) : null,
  ]);
  const today = localDate(ctx.now(), ctx.zone);
  const rights = { me: meOf(ctx), today, mayRequest: may("refund.request"), mayApprove: may("refund.approve"), mayPayOut: may("transfer.book"), mayReverse: may("money.reverse"), approvers };
  const openDisputes = disputes.filter((dispute) => (openDisputeStates as readonly string[]).includes(dispute.state));
  const count = (each: (typeof paymentTabs)[number]) => (each === "unbound" ? BigInt(unbound.length) : each === "disputes" ? BigInt(openDisputes.length) : counts[each]);
  return (
    <>
      <LiveRefresh />
      <PageHead
        title="Платежи"
        note={listed && totals ? <span className="num">{note(listed.tab, totals)}</span> : undefined}
        aside={
          listed && may("reports.money") ? (
            <a href={`/admin/payments/csv${paymentFilterQuery(filter)}`} className={buttonClass()} download>
              Скачать CSV
            </a>
          ) : null
        }
      />
      {isRefunds ? <RefundQueues toApprove={toApprove} toPayOut={toPayOut} rights={rights} /> : null}
      <Panel>
        <Tabs label="Платежи по состоянию" current={tab} tabs={allowed.map((each) => ({ key: each, label: paymentTabLabels[each], href: `/admin/payments${paymentFilterQuery(filter, { tab: each })}`, count: count(each) }))} />
        {listed ? <PaymentFilters filter={filter} providers={providers.map((each) => each.provider)} /> : null}
        {tab === "unbound" ? <UnboundList payments={unbound} mayBind={may("payment.bind")} mayRefund={may("refund.request")} seesBuyers={viewer.seesBuyers} formKeys={unbound.map(() => newId())} /> : null}
        {tab === "disputes" ? <DisputeRows disputes={disputes} today={today} /> : null}
        {listed && page ? <Rows filter={filter} tab={listed.tab} rows={page.rows} next={page.next} /> : null}
      </Panel>
      {detail ? <PaymentSheet detail={detail} refunds={await readRefunds(ctx, detail.refundIds)} rights={rights} closeHref={`/admin/payments${paymentFilterQuery(filter, { cursor: filter.cursor })}`} /> : null}
    </>
  );
}

function Rows({ filter, tab, rows, next }: { filter: PaymentFilter; tab: ListTab; rows: Awaited<ReturnType<typeof listPayments>>["rows"]; next: string | null }) {
  if (rows.length === 0) {
    return isNarrowed(filter) || filter.cursor ? (
      <Empty
        title="Ничего не нашлось"
        action={
          <Link href={`/admin/payments${paymentFilterQuery({ ...filter, method: null, provider: null, from: null, to: null, min: null, max: null, text: null })}`} className={buttonClass()}>
            Показать все
          </Link>
        }
      >
        Уберите часть условий или посмотрите соседние вкладки.
      </Empty>
    ) : (
      <Empty title={empty[tab][0]}>{empty[tab][1]}</Empty>
    );
  }
  return (
    <>
      <PaymentRows rows={rows} filter={filter} />
      {next || filter.cursor ? (
        <nav aria-label="Страницы" className="flex items-center justify-between gap-3 border-t px-4 py-3 sm:px-5">
          {filter.cursor ? (
            <Link href={`/admin/payments${paymentFilterQuery(filter)}`} prefetch={false} className={buttonClass()}>
              В начало
            </Link>
          ) : (
            <span className="text-dense text-muted-foreground">Первые {PAYMENTS_PER_PAGE}</span>
          )}
          {next ? (
            <Link href={`/admin/payments${paymentFilterQuery(filter, { cursor: next })}`} prefetch={false} className={buttonClass()}>
              Дальше
            </Link>
          ) : null}
        </nav>
      ) : null}
    </>
  );
}

import type { Metadata } from "next";
import Link from "next/link";
import { requireWorld } from "../../session/world.ts";
import type { PageWithSearch } from "../../session/search-params.ts";
import { decideConflictAction, dropRuleAction, settleConflictAction } from "./actions.ts";
import { ByHandPanel } from "@/components/admin/by-hand-panel.tsx";
import { BillSettingsPanel } from "@/components/admin/bill-settings.tsx";
import { ConflictInbox } from "@/components/admin/exchange/conflict-inbox.tsx";
import { MessageFilters } from "@/components/admin/exchange/message-filters.tsx";
import { MessageRows } from "@/components/admin/exchange/message-rows.tsx";
import { MoreLink } from "@/components/admin/exchange/more-link.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Ago, At } from "@/components/admin/moment.tsx";
import { Empty, PageHead, Panel, Tabs } from "@/components/admin/page-parts.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { formatCount, formatDuration, formatMoney, formatNumber } from "@/lib/kit/format.ts";
import { readExchangePage } from "@/lib/onec/exchange-page.ts";
import type { OnecBase } from "@/lib/onec/exchange-page.ts";
import { listBillBases } from "@/lib/onec/paykeeper/index.ts";
import { setUpBillsAction } from "./bill-actions.ts";
import { countMessages, isNarrowed, listConflicts, listMessages, listRules, messageQuery, messageTabLabels, messageTabs, parseMessageFilter } from "@/lib/onec/inbox/index.ts";
import { readSetting } from "@/lib/settings/index.ts";

export const metadata: Metadata = { title: "Обмен с 1С" };

const empty = {
  all: { title: "Сообщений ещё не было", text: "Здесь будет каждый заказ, оплата и документ, которыми мы обменялись с 1С." },
  errors: { title: "Ошибок нет", text: "Сюда попадает документ 1С, который не удалось принять, и оплата, которую не приняла 1С." },
  conflicts: { title: "", text: "" },
  waiting: { title: "1С всё забрала", text: "Здесь видно, что ещё не дошло до 1С или не учтено в ней." },
} as const;

export default async function ExchangePage({ searchParams }: PageWithSearch) {
  const scope = await requireWorld();
  const { ctx, viewer, staff, isTest } = scope;
  const filter = parseMessageFilter(await searchParams);
  const isInbox = filter.tab === "conflicts";
  const rights = { mayDecide: can(staff.role, "conflict.decide"), mayRepeat: can(staff.role, "onec.repeat"), decide: decideConflictAction, settle: settleConflictAction };
  const billBases = viewer.storeId === null ? await listBillBases(ctx, scope) : [];
  const [{ bases, byHand }, silentMinutes, counts, page, conflicts, rules] = await Promise.all([
    readExchangePage(ctx, { isTest, storeId: viewer.storeId }), readSetting(ctx.database.sql, "onec.silentMinutes"), countMessages(ctx, scope, filter), isInbox ? null : listMessages(ctx, scope, filter),
    isInbox ? listConflicts(ctx, scope, { ...filter, state: filter.decided ? "decided" : "open" }) : null, isInbox ? listRules(ctx, isTest) : [],
  ]);
  const now = ctx.now();
  // What is not set up yet stands above the journal, because bills are refused until then.
  const bills = (some: typeof billBases) => some.map((base) => <BillSettingsPanel key={base.connectionId} base={base} mayChange={can(staff.role, "settings.policies")} save={setUpBillsAction} />);
  return (
    <>
      <LiveRefresh />
      <PageHead
        title={"Обмен с\u00A01С"}
        note="1С сама приходит за оплатами и приносит заказы"
        aside={
          <div className="flex flex-wrap gap-2">
            <Link href="/admin/exchange/calls" prefetch={false} className={buttonClass("quiet")}>
              Обращения 1С
            </Link>
            {rights.mayRepeat ? (
              <Link href="/admin/exchange/try" prefetch={false} className={buttonClass("plain")}>
                Пробная загрузка
              </Link>
            ) : null}
          </div>
        }
      />
      {bases.length === 0 ? (
        <Panel>
          <Empty title="База 1С не подключена">Интегратор заводит логин и пароль обмена. После первого обмена заказы появятся сами.</Empty>
        </Panel>
      ) : (
        <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,16.5rem),1fr))] items-start gap-4">
          {bases.map((base) => (
            <Base key={base.connectionId} base={base} now={now} silentMs={silentMinutes * 60_000} />
          ))}
        </div>
      )}
      {bills(billBases.filter(({ bills: { line } }) => line === null))}
      <ByHandPanel rows={byHand} />
      <Panel title={filter.orderId ? "Сообщения по заказу" : undefined}>
        <Tabs label="Сообщения обмена" current={filter.tab} tabs={messageTabs.map((tab) => ({ key: tab, label: messageTabLabels[tab], href: `/admin/exchange${messageQuery(filter, { tab })}`, count: counts[tab] }))} />
        <MessageFilters filter={filter} bases={bases} seesDocuments={viewer.seesRaw && viewer.seesBuyers} />
        {conflicts ? <ConflictInbox filter={filter} rows={conflicts.rows} next={conflicts.next} rules={rules} rights={rights} dropRule={dropRuleAction} /> : null}
        {page ? (
          <>
            {page.rows.length > 0 ? (
              <MessageRows rows={page.rows} />
            ) : page.readTo === null ? (
              <Empty title={isNarrowed(filter) ? "Ничего не нашлось" : empty[filter.tab].title}>{isNarrowed(filter) ? "Измените отбор или сбросьте его." : empty[filter.tab].text}</Empty>
            ) : null}
            {page.next ? (
              <MoreLink href={`/admin/exchange${messageQuery(filter, { cursor: page.next })}`} {...(page.readTo && { label: "Искать дальше", note: <>Документы просмотрены до <At at={page.readTo} />{page.rows.length === 0 ? ", пока не нашлось" : ""}</> })} />
            ) : null}
          </>
        ) : null}
      </Panel>
      {bills(billBases.filter(({ bills: { line } }) => line !== null))}
    </>
  );
}

function Base({ base, now, silentMs }: { base: OnecBase; now: Date; silentMs: number }) {
  const isSilent = base.lastSeenAt !== null && now.getTime() - base.lastSeenAt.getTime() > silentMs;
  const badge = !base.enabled ? <StateBadge tone="neutral">Выключена</StateBadge> : base.lastSeenAt === null ? <StateBadge tone="warning">Ещё не приходила</StateBadge> : isSilent ? <StateBadge tone="danger">Молчит</StateBadge> : <StateBadge tone="success">На связи</StateBadge>;
  const waiting = [
    ...(base.pending > 0n ? [formatCount(base.pending, ["платёж", "платежа", "платежей"])] : []),
    ...(base.ordersToSend > 0n ? [formatCount(base.ordersToSend, ["заказ", "заказа", "заказов"])] : []),
  ];
  return (
    <Panel title={base.name}>
      <p className="px-4 pt-1.5 sm:px-5">{badge}</p>
      <dl className="num grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 p-4 pt-2 text-dense sm:px-5">
        <dt className="text-muted-foreground">Последняя связь</dt>
        <dd>{base.lastSeenAt ? <Ago at={base.lastSeenAt} now={now} /> : "не было"}</dd>
        <dt className="text-muted-foreground">Магазин</dt>
        <dd>{base.storeName ?? "любой"}</dd>
        <dt className="text-muted-foreground">Ждут обмена</dt>
        <dd className={base.pending > 0n && isSilent ? "font-medium text-danger" : ""}>{waiting.join(", ") || "ничего"}</dd>
        {base.delivered > 0n ? (
          <>
            <dt className="text-muted-foreground">Переданы, не учтены</dt>
            <dd>{formatCount(base.delivered, ["платёж", "платежа", "платежей"])}</dd>
          </>
        ) : null}
        {base.byHand > 0n ? (
          <>
            <dt className="text-muted-foreground">Провести вручную</dt>
            <dd className="font-medium text-danger">
              {formatNumber(base.byHand)} на {formatMoney(base.byHandKopecks)}
            </dd>
          </>
        ) : null}
        {base.oldestAt ? (
          <>
            <dt className="text-muted-foreground">Старейший</dt>
            <dd>
              <Ago at={base.oldestAt} now={now} />
            </dd>
          </>
        ) : null}
        {base.filesIn > 0n ? (
          <>
            <dt className="text-muted-foreground">Из 1С в работе</dt>
            <dd>{formatCount(base.filesIn, ["файл", "файла", "файлов"])}</dd>
          </>
        ) : null}
        <Delay title="До передачи в 1С" median={base.takenMedianSeconds} p95={base.takenP95Seconds} />
        <Delay title="До учёта в 1С" median={base.medianSeconds} p95={base.p95Seconds} />
      </dl>
    </Panel>
  );
}

/** Half of the payments of the last month were quicker than the first figure, 95 of 100 than the second. */
function Delay({ title, median, p95 }: { title: string; median: number | null; p95: number | null }) {
  if (median === null || p95 === null) return null;
  const [half, most] = [formatDuration(median * 1000), formatDuration(p95 * 1000)];
  return (
    <>
      <dt className="text-muted-foreground">{title}</dt>
      <dd>{half === most ? `обычно ${half}` : `обычно ${half}, почти всегда до ${most}`}</dd>
    </>
  );
}

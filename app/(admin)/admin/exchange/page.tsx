import type { Metadata } from "next";
import { requireWorld } from "../../session/world.ts";
import { ByHandPanel } from "@/components/admin/by-hand-panel.tsx";
import { BillSettingsPanel } from "@/components/admin/bill-settings.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Ago, At } from "@/components/admin/moment.tsx";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { Table, Td, Th } from "@/components/admin/table.tsx";
import { formatCount, formatDuration, formatMoney, formatNumber } from "@/lib/kit/format.ts";
import { readExchangePage } from "@/lib/onec/exchange-page.ts";
import type { OnecBase } from "@/lib/onec/exchange-page.ts";
import { can } from "@/lib/auth/permissions.ts";
import { listBillBases } from "@/lib/onec/paykeeper/index.ts";
import { setUpBillsAction } from "./bill-actions.ts";
import { readSetting } from "@/lib/settings/index.ts";

export const metadata: Metadata = { title: "Обмен с 1С" };

const answerTones = { success: "success", progress: "info", failure: "danger" } as const;

export default async function ExchangePage() {
  const scope = await requireWorld();
  const { ctx, viewer } = scope;
  const billBases = viewer.storeId === null ? await listBillBases(ctx, scope) : [];
  const [{ bases, calls, refused, byHand }, silentMinutes] = await Promise.all([readExchangePage(ctx, { isTest: scope.isTest, storeId: viewer.storeId }), readSetting(ctx.database.sql, "onec.silentMinutes")]);
  const now = ctx.now();
  return (
    <>
      <LiveRefresh />
      <PageHead title={"Обмен с\u00A01С"} note="1С сама приходит за оплатами и приносит заказы" />
      {bases.length === 0 ? (
        <Panel>
          <Empty title="База 1С не подключена">Интегратор заводит логин и пароль обмена. После первого обмена заказы появятся сами.</Empty>
        </Panel>
      ) : (
        <div className="grid gap-4 md:grid-cols-2 xl:grid-cols-3">
          {bases.map((base) => (
            <Base key={base.connectionId} base={base} now={now} silentMs={silentMinutes * 60_000} />
          ))}
        </div>
      )}
      {billBases.map((base) => (
        <BillSettingsPanel key={base.connectionId} base={base} mayChange={can(scope.staff.role, "settings.policies")} save={setUpBillsAction} />
      ))}
      <ByHandPanel rows={byHand} />
      {refused.length > 0 && viewer.storeId === null ? (
        <Panel title="Отказы и предупреждения при загрузке заказов">
          <ul className="num mt-2 text-dense">
            {refused.map((note, i) => (
              <li key={`${note.fileId}-${i}`} className="grid gap-x-4 gap-y-0.5 border-t px-4 py-2.5 sm:grid-cols-[auto_auto_minmax(0,1fr)] sm:px-5">
                <span className="text-muted-foreground">
                  <At at={note.at} />
                </span>
                <span className="flex items-center gap-2 font-medium">
                  №&nbsp;{note.number} <StateBadge tone={note.refused ? "danger" : "warning"}>{note.refused ? "Не принят" : "Принят с замечанием"}</StateBadge>
                </span>
                <span className="wrap-anywhere">{note.text}</span>
              </li>
            ))}
          </ul>
        </Panel>
      ) : null}
      <Panel title="Последние обращения 1С">
        {calls.length === 0 ? (
          <Empty title="Журнал пуст">Здесь будет каждое обращение 1С и наш ответ.</Empty>
        ) : (
          <Table label="Последние обращения 1С" className="mt-2">
            <thead>
              <tr>
                <Th>Когда</Th>
                <Th>База</Th>
                <Th>Что было</Th>
                <Th>Ответ</Th>
                <Th right>Время</Th>
              </tr>
            </thead>
            <tbody>
              {calls.map((call) => {
                const word = call.answer.split(/\s/)[0] ?? "";
                return (
                  <tr key={call.callId}>
                    <Td className="whitespace-nowrap">
                      <At at={call.at} />
                    </Td>
                    <Td className="whitespace-nowrap">{call.baseName ?? "Неизвестная"}</Td>
                    <Td className="min-w-56">
                      {call.summary} <span className="text-muted-foreground">({call.mode})</span>
                    </Td>
                    <Td>
                      <StateBadge tone={answerTones[word as keyof typeof answerTones] ?? "neutral"}>{{ success: "Принято", progress: "Продолжается", failure: "Отказ" }[word] ?? "Отдано"}</StateBadge>
                    </Td>
                    <Td right>{formatDuration(call.durationMs)}</Td>
                  </tr>
                );
              })}
            </tbody>
          </Table>
        )}
      </Panel>
    </>
  );
}

function Base({ base, now, silentMs }: { base: OnecBase; now: Date; silentMs: number }) {
  const isSilent = base.lastSeenAt !== null && now.getTime() - base.lastSeenAt.getTime() > silentMs;
  return (
    <Panel
      title={base.name}
      aside={!base.enabled ? <StateBadge tone="neutral">Выключена</StateBadge> : base.lastSeenAt === null ? <StateBadge tone="warning">Ещё не приходила</StateBadge> : isSilent ? <StateBadge tone="danger">Молчит</StateBadge> : <StateBadge tone="success">На связи</StateBadge>}
    >
      <dl className="num grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1 p-4 pt-2 text-dense sm:px-5">
        <dt className="text-muted-foreground">Последняя связь</dt>
        <dd>{base.lastSeenAt ? <Ago at={base.lastSeenAt} now={now} /> : "не было"}</dd>
        <dt className="text-muted-foreground">Магазин</dt>
        <dd>{base.storeName ?? "любой"}</dd>
        <dt className="text-muted-foreground">Ждут обмена</dt>
        <dd className={base.pending > 0n && isSilent ? "font-medium text-danger" : ""}>
          {formatCount(base.pending, ["платёж", "платежа", "платежей"])}, {formatCount(base.ordersToSend, ["заказ", "заказа", "заказов"])}
        </dd>
        <dt className="text-muted-foreground">Переданы, не учтены</dt>
        <dd>{formatCount(base.delivered, ["платёж", "платежа", "платежей"])}</dd>
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
        <dt className="text-muted-foreground">Обычная задержка</dt>
        <dd>{base.medianSeconds === null ? "пока нет данных" : `${formatDuration(base.medianSeconds * 1000)} от оплаты до учёта в 1С`}</dd>
      </dl>
    </Panel>
  );
}

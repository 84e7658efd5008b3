import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { oneOf } from "../../../../session/search-params.ts";
import type { PageWithSearch } from "../../../../session/search-params.ts";
import { requireWorld } from "../../../../session/world.ts";
import { applyByHandAction, decideConflictAction, repeatMessageAction, sendAgainAction, settleConflictAction, skipMessageAction } from "../../actions.ts";
import { ActionForm } from "@/components/admin/action-form.tsx";
import { ConfirmDetails } from "@/components/admin/confirm-details.tsx";
import { ConflictCard } from "@/components/admin/exchange/conflict-card.tsx";
import { DiffTable } from "@/components/admin/exchange/diff-table.tsx";
import { MessageBadge } from "@/components/admin/exchange/message-words.tsx";
import { PayloadPanel } from "@/components/admin/exchange/payload-panel.tsx";
import { SendingPanel } from "@/components/admin/exchange/sending-panel.tsx";
import { FormField } from "@/components/admin/form-field.tsx";
import { At } from "@/components/admin/moment.tsx";
import { PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { formatDuration, formatNumber } from "@/lib/kit/format.ts";
import { listConflicts, readMessage, readSending } from "@/lib/onec/inbox/index.ts";
import { doorLabels, kindLabels } from "@/lib/onec-messages/states.ts";

type Props = PageWithSearch & { params: Promise<{ id: string }> };

export const metadata: Metadata = { title: "Сообщение обмена с 1С" };

export default async function MessagePage({ params, searchParams }: Props) {
  const scope = await requireWorld();
  const { ctx, staff, viewer } = scope;
  const message = await readMessage(ctx, scope, (await params).id);
  if (!message) notFound();
  const conflicts = (await listConflicts(ctx, scope, { state: "open", messageId: message.messageId })).rows;
  const sending = message.direction === "out" ? await readSending(ctx, message.messageId) : null;
  const mayRepeat = can(staff.role, "onec.repeat");
  const rights = { mayDecide: can(staff.role, "conflict.decide"), mayRepeat, decide: decideConflictAction, settle: settleConflictAction };
  const facts: [string, React.ReactNode][] = [
    ["Когда", <At key="at" at={message.at} />],
    ["База", message.baseName],
    ["Способ", `${doorLabels[message.door]}, ${message.direction === "in" ? "из" : "в"}\u00A01С`],
    ["Что", kindLabels[message.kind]],
    ["Номер", message.objectNumber],
    ["GUID", message.objectGuid],
    ["Файл", message.source],
    ["Попыток", message.attempts > 1 ? <span key="tries">{formatNumber(message.attempts)}, последняя <At at={message.lastAt} /></span> : null],
    ["Время", message.durationMs === null ? null : formatDuration(message.durationMs)],
    ["Решил", message.handledByName && message.handledAt ? <span key="by">{message.handledByName}, <At at={message.handledAt} /></span> : null],
    ["Ответ", message.answer],
  ];
  return (
    <>
      <PageHead title={message.summary} note={<Link href="/admin/exchange" className="inline-flex min-h-6 items-center text-primary hover:underline">Все сообщения</Link>} />
      <Panel>
        <div className="num flex flex-col gap-3 p-4 text-dense sm:px-5">
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <MessageBadge result={message.result} isTypedIn={message.isTypedIn} />
            {message.resultText ? <span className="wrap-anywhere">{message.resultText}</span> : null}
            {message.orderId && message.orderNumber ? (
              <Link href={`/admin/orders/${message.orderId}`} className="-my-0.5 inline-block min-h-6 min-w-0 py-0.5 font-medium wrap-anywhere text-primary hover:underline">
                Заказ №&nbsp;{message.orderNumber}
              </Link>
            ) : null}
          </p>
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
            {facts.map(([name, value]) =>
              value === null || value === "" ? null : (
                <div key={name} className="contents">
                  <dt className="text-muted-foreground">{name}</dt>
                  <dd className="wrap-anywhere">{value}</dd>
                </div>
              ),
            )}
          </dl>
          {mayRepeat && message.canRepeat ? (
            <div className="flex flex-wrap items-start gap-2">
              <ActionForm action={repeatMessageAction} label="Повторить">
                <input type="hidden" name="messageId" value={message.messageId} />
              </ActionForm>
              {message.kind === "counterparty" ? null : (
                <ConfirmDetails summary="Применить вручную…">
                  <ActionForm action={applyByHandAction} label="Применить" look="primary" fields={["bindToNumber", "number"]}>
                    <input type="hidden" name="messageId" value={message.messageId} />
                    <FormField id="bind-to" name="bindToNumber" label="Это заказ с номером" hint={message.kind === "order" ? "Документ 1С станет этим заказом, следующие выгрузки найдут его сами" : "Документ ляжет на этот заказ"} defaultValue={message.orderNumber ?? ""} maxLength={255} autoComplete="off" />
                    {message.moneyChannel === "json" && message.kind === "order" ? <FormField id="new-number" name="number" label="Или принять под другим номером" maxLength={255} autoComplete="off" /> : null}
                  </ActionForm>
                </ConfirmDetails>
              )}
            </div>
          ) : null}
          {mayRepeat && message.canSkip ? (
            <ConfirmDetails summary="Пропустить…">
              <ActionForm action={skipMessageAction} label={message.direction === "out" ? "Пропустить" : "Пропустить документ"} look="primary" fields={["reason"]}>
                <p>{message.direction === "out" ? "Больше не передаём и не считаем ошибкой. Если 1С это нужно, внесите в неё сами." : message.door === "json" ? "Документ останется в журнале и больше не считается ошибкой." : "Документ останется в журнале. Когда 1С пришлёт его снова, сайт ответит «принято»."}</p>
                <input type="hidden" name="messageId" value={message.messageId} />
                <FormField id="skip-reason" name="reason" label={message.direction === "out" ? "Почему 1С это не нужно" : "Почему он не нужен"} maxLength={300} required autoComplete="off" />
              </ActionForm>
            </ConfirmDetails>
          ) : null}
        </div>
      </Panel>
      {sending ? <SendingPanel sending={sending} messageId={message.messageId} mayRepeat={mayRepeat} seesRaw={viewer.seesRaw && can(staff.role, "raw.see")} repeat={sendAgainAction} /> : null}
      {conflicts.length > 0 ? (
        <Panel title="Нужно решение">
          <div className="flex flex-col gap-4 p-4 sm:px-5">
            {conflicts.map((row) => (
              <ConflictCard key={row.conflictId} row={row} rights={rights} />
            ))}
          </div>
        </Panel>
      ) : null}
      {message.diff.length > 0 ? (
        <Panel title="Что изменилось">
          <div className="mt-2">
            <DiffTable diff={message.diff} />
          </div>
        </Panel>
      ) : null}
      {message.payload ? (
        <PayloadPanel text={message.payload} isCut={message.payloadCut} path={`/admin/exchange/messages/${message.messageId}`} words={oneOf((await searchParams)["find"])?.slice(0, 100) ?? null} />
      ) : null}
    </>
  );
}

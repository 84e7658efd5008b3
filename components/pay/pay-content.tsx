import { requestNewLink } from "@/app/pay/[token]/actions.ts";
import { Button } from "@/components/ui/button.tsx";
import { maskContact } from "@/lib/kit/contact.ts";
import { formatDayMonth, formatMoney, formatTime } from "@/lib/kit/format.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";
import type { PayView } from "@/lib/orders/pay-view.ts";
import { LegalFooter } from "./legal-footer.tsx";
import { PaidPanel } from "./paid-panel.tsx";
import { PlainPanel } from "./plain-panel.tsx";
import { RefundLines } from "./refund-lines.tsx";
import { ReadyPanel } from "./ready-panel.tsx";
import { WaitingLong, WaitingPanel, WaitingSign } from "./waiting-panel.tsx";

type Props = { token: string; path: string; row: PayPageRow; view: PayView; now: Date; zone: string; /** Signed way back to the internet shop; null: the order has none. */ backUrl: string | null };

/** The right column: one panel per state of the order (ux.md 6.1, page states). */
export function PayContent(props: Props) {
  const { row, view, backUrl } = props;
  const isPaid = view.state.kind === "paid" || view.state.kind === "paid_in_onec";
  return (
    <>
      <Panel {...props} />
      {backUrl && !isPaid ? (
        <p className="mt-6">
          <a className="inline-flex min-h-11 items-center text-primary underline underline-offset-2" href={backUrl} rel="noreferrer">
            Вернуться в магазин
          </a>
        </p>
      ) : null}
      <RefundLines refunds={row.refunds} zone={props.zone} />
      {view.state.kind === "ready" ? null : <LegalFooter seller={row.seller} withConsent={false} withPhone={view.state.kind === "waiting"} />}
    </>
  );
}

/** Without JavaScript the page asks again by itself, where waiting is all there is to do. */
const NoScriptRefresh = () => (
  <noscript>
    <meta httpEquiv="refresh" content="5" />
  </noscript>
);

function Panel({ token, path, row, view, now, zone, backUrl }: Props) {
  const { state } = view;
  const { phone } = row.seller;
  const contactMasked = row.order.contact ? maskContact(row.order.contact) : null;
  switch (state.kind) {
    case "ready":
      return <ReadyPanel token={token} row={row} view={view} declined={state.declined} now={now} zone={zone} />;
    case "waiting":
      return (
        <>
          <NoScriptRefresh />
          <WaitingPanel attempt={state.attempt} isExpired={state.isExpired} contactMasked={contactMasked} payPath={path} zone={zone} />
        </>
      );
    case "opening":
      return (
        <PlainPanel title="Соединяемся с банком" phone={phone}>
          <NoScriptRefresh />
          <p>Это занимает несколько секунд. Страница обновится сама.</p>
        </PlainPanel>
      );
    case "checking":
      return state.attempt.state === "authorized" ? (
        <PlainPanel title="Деньги заблокированы" phone={phone}>
          <NoScriptRefresh />
          <p>Банк заблокировал {formatMoney(state.attempt.amountKopecks)} на вашей карте. Магазин спишет их, когда подтвердит заказ, и тогда пришлёт чек. Платить второй раз не нужно.</p>
        </PlainPanel>
      ) : (
        <PlainPanel title="Проверяем оплату" phone={phone}>
          <NoScriptRefresh />
          <p>
            Банк ещё не сказал, прошёл ли платёж {formatMoney(state.attempt.amountKopecks)}. Не платите повторно: мы проверяем и покажем результат здесь.
          </p>
          <WaitingSign />
          <WaitingLong contactMasked={contactMasked} />
        </PlainPanel>
      );
    case "paid":
      return (
        <>
          {row.receipt && row.receipt.state !== "registered" && row.receipt.state !== "not_required" ? <NoScriptRefresh /> : null}
          <PaidPanel row={row} paidKopecks={view.netPaidKopecks} zone={zone} backUrl={backUrl} />
        </>
      );
    case "paid_in_onec":
      return <PaidPanel row={row} paidKopecks={view.netPaidKopecks > 0n ? view.netPaidKopecks : view.payableKopecks} zone={zone} backUrl={backUrl} />;
    case "cancelled":
      return (
        <PlainPanel title="Заказ отменён магазином" phone={phone}>
          <p>{state.hasMoney ? `Вы оплатили ${formatMoney(view.netPaidKopecks)}. Магазин вернёт деньги тем же способом или свяжется с вами.` : "Платить по нему ничего не нужно."}</p>
        </PlainPanel>
      );
    case "refunded":
      return (
        <PlainPanel title="Деньги возвращены" phone={phone}>
          <p>Возврат {formatMoney(row.order.refundedKopecks)} отправлен. Банк зачислит его за 1–3 рабочих дня.</p>
        </PlainPanel>
      );
    case "nothing_due":
      return (
        <PlainPanel title="Оплата не требуется" phone={phone}>
          <p>По этому заказу платить ничего не нужно.</p>
        </PlainPanel>
      );
    case "not_posted":
      return (
        <PlainPanel title="Магазин ещё не подтвердил заказ" phone={phone}>
          <p>Как только заказ подтвердят, здесь появится оплата. Ссылка останется той же.</p>
        </PlainPanel>
      );
    case "unavailable":
      return (
        <PlainPanel title="Оплата на сайте пока недоступна" phone={phone}>
          <p>Заказ сохранён. Попробуйте открыть ссылку позже или спросите в магазине, как заплатить.</p>
        </PlainPanel>
      );
    case "stopped":
      return (
        <PlainPanel title="Магазин временно остановил приём оплаты" phone={phone}>
          <p>Заказ сохранён, ссылка останется той же. Загляните позже: как только оплата откроется, здесь появятся способы оплаты.</p>
          <p className="text-muted-foreground">Если деньги уже списались, второй раз платить не нужно: мы увидим платёж и пришлём чек.</p>
        </PlainPanel>
      );
    case "revoked":
      return (
        <PlainPanel title="Магазин закрыл эту ссылку" phone={phone}>
          <p>Платить по ней нельзя. Новую ссылку пришлёт магазин.</p>
        </PlainPanel>
      );
    case "over":
      return (
        <PlainPanel title={`Срок оплаты истёк ${formatDayMonth(state.since, zone)} в ${formatTime(state.since, zone)}`} phone={phone}>
          <p>Магазин больше не принимает оплату по этой ссылке. Если заказ ещё нужен, попросите новый счёт.</p>
          <p className="text-muted-foreground">Если деньги уже списались, второй раз платить не нужно: мы увидим платёж и по старой ссылке.</p>
        </PlainPanel>
      );
    case "expired":
      return <ExpiredPanel token={token} row={row} netPaidKopecks={view.netPaidKopecks} phone={phone} zone={zone} />;
  }
}

function ExpiredPanel({ token, row, netPaidKopecks, phone, zone }: { token: string; row: PayPageRow; netPaidKopecks: bigint; phone: string; zone: string }) {
  const until = row.link?.state === "expired" || row.link?.state === "active" ? row.link.validUntil : null;
  const title = until ? `Срок оплаты истёк ${formatDayMonth(until, zone)} в ${formatTime(until, zone)}` : netPaidKopecks > 0n ? "Осталось доплатить" : "Ссылка устарела";
  return (
    <PlainPanel
      title={title}
      phone={phone}
      action={
        <form action={requestNewLink}>
          <input type="hidden" name="token" value={token} />
          <Button type="submit" look="primary" size="customer" className="w-full">
            Запросить новую ссылку
          </Button>
        </form>
      }
    >
      <p>Заказ сохранён. Новая ссылка откроется сразу, с нынешней суммой заказа.</p>
      <p className="text-muted-foreground">Если деньги уже списались, второй раз платить не нужно: мы увидим платёж и по старой ссылке.</p>
    </PlainPanel>
  );
}

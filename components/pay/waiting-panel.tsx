import { ButtonLink } from "@/components/ui/button.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { formatMoney, formatTime } from "@/lib/kit/format.ts";
import type { PayPageAttempt } from "@/lib/orders/pay-page-query.ts";
import { declineTextOf } from "./decline-texts.ts";
import { ChevronIcon } from "./icons.tsx";
import { QrPicture } from "./qr-picture.tsx";

type Props = { attempt: PayPageAttempt; isExpired: boolean; contactMasked: string | null; payPath: string; zone: string };

/** A payment is open at the bank: how to finish it, what is happening, and the way out behind one question. */
export function WaitingPanel({ attempt, isExpired, contactMasked, payPath, zone }: Props) {
  const isQr = attempt.goKind === "qr" && attempt.goTarget !== null;
  return (
    <div className="flex flex-col gap-5">
      {attempt.failClass ? (
        <Notice tone="danger" title={declineTextOf(attempt).title} role="alert">
          {declineTextOf(attempt).advice}
        </Notice>
      ) : null}
      {isExpired ? (
        <ExpiredCode isQr={isQr} payPath={payPath} />
      ) : isQr ? (
        <SbpQr payload={attempt.goTarget!} amount={formatMoney(attempt.amountKopecks)} />
      ) : (
        <BankPage attempt={attempt} zone={zone} />
      )}
      <WaitingSign />
      <OtherWay payPath={payPath} isQr={isQr} />
      <WaitingLong contactMasked={contactMasked} />
    </div>
  );
}

function SbpQr({ payload, amount }: { payload: string; amount: string }) {
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-h3">Оплата через СБП</h2>
      <div className="flex-wrap items-center gap-6 max-wide:hidden wide:flex">
        <QrPicture payload={payload} label={`QR-код для оплаты ${amount} через СБП`} />
        <ol className="flex min-w-0 flex-1 list-decimal flex-col gap-2 pl-5 text-body">
          <li>Откройте приложение банка</li>
          <li>Наведите камеру на код</li>
          <li>Подтвердите {amount}</li>
        </ol>
        <CopyButton text={payload} label="Ссылка на оплату через СБП">
          Скопировать ссылку
        </CopyButton>
      </div>
      <div className="flex flex-col gap-3 wide:hidden">
        <ButtonLink look="primary" size="customer" href={payload} className="w-full tabular-nums">
          Открыть приложение банка · {amount}
        </ButtonLink>
        <p className="text-body text-muted-foreground">Приложение не открылось? Нажмите ещё раз или покажите код другому телефону.</p>
        <details className="text-body">
          <summary className="min-h-11 cursor-pointer py-2.5 text-primary">Показать QR-код</summary>
          <div className="pt-2">
            <QrPicture payload={payload} label={`QR-код для оплаты ${amount} через СБП`} />
          </div>
        </details>
      </div>
    </section>
  );
}

function BankPage({ attempt, zone }: { attempt: PayPageAttempt; zone: string }) {
  return (
    <section className="flex flex-col gap-4">
      <h2 className="text-h3">{attempt.method === "sbp" ? "Оплата через СБП" : "Оплата картой"}</h2>
      <p>
        Вы начали платёж {formatMoney(attempt.amountKopecks)} в {formatTime(attempt.createdAt, zone)}. Закончите его на странице банка.
      </p>
      {attempt.goTarget ? (
        <ButtonLink look="primary" size="customer" href={attempt.goTarget} className="w-full">
          Вернуться на страницу банка
        </ButtonLink>
      ) : null}
    </section>
  );
}

export function WaitingSign() {
  return (
    <p className="flex items-center gap-2 border-t pt-4 text-body">
      <span aria-hidden="true" className="relative flex size-3 shrink-0">
        <span className="absolute inset-0 animate-ping rounded-full bg-chart-2 opacity-40" />
        <span className="m-auto size-2 rounded-full bg-chart-2" />
      </span>
      Ждём подтверждения от банка. Страница обновится сама.
    </p>
  );
}

/** Stands last, so that its coming moves nothing. Also said while an outcome is unknown: nothing is paid twice (LOST-30). */
export function WaitingLong({ contactMasked }: { contactMasked: string | null }) {
  return (
    <p className="after-a-minute text-body text-muted-foreground">
      Обычно это занимает до минуты. Если деньги списались, второй раз платить не нужно: мы проверим платёж
      {contactMasked ? ` и пришлём чек на ${contactMasked}` : " и пришлём чек"}.
    </p>
  );
}

/** The old code may still be paid at the bank: its attempt stays watched. */
function ExpiredCode({ isQr, payPath }: { isQr: boolean; payPath: string }) {
  return (
    <section className="flex flex-col gap-3">
      <h2 className="text-h3">{isQr ? "Срок кода истёк" : "Время на оплату вышло"}</h2>
      <p>Если вы уже подтвердили платёж, подождите: мы его увидим. Если нет, начните ещё раз.</p>
      <ButtonLink look="primary" size="customer" href={`${payPath}?other=1`} className="w-full">
        {isQr ? "Получить новый код" : "Начать ещё раз"}
      </ButtonLink>
    </section>
  );
}

function OtherWay({ payPath, isQr }: { payPath: string; isQr: boolean }) {
  return (
    <details className="group border-t pt-2">
      <summary className="flex min-h-11 cursor-pointer list-none items-center justify-between gap-2 text-primary [&::-webkit-details-marker]:hidden">
        Оплатить другим способом
        <span className="transition-transform group-open:rotate-180">
          <ChevronIcon size={20} />
        </span>
      </summary>
      <div className="flex flex-col gap-3 pt-1 pb-2">
        <p>{isQr ? "Вы подтвердили платёж в приложении банка?" : "Вы подтвердили платёж на странице банка?"}</p>
        <div className="flex flex-wrap gap-3">
          <ButtonLink look="plain" size="customer" href={payPath}>
            Да, подождать
          </ButtonLink>
          <ButtonLink look="plain" size="customer" href={`${payPath}?other=1`}>
            Нет, выбрать другой способ
          </ButtonLink>
        </div>
      </div>
    </details>
  );
}

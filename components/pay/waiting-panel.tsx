import { ButtonLink } from "@/components/ui/button.tsx";
import { formatMoney, formatTime } from "@/lib/kit/format.ts";
import type { PayPageAttempt } from "@/lib/orders/pay-page-query.ts";
import { QrPicture } from "./qr-picture.tsx";

type Props = { attempt: PayPageAttempt; contactMasked: string | null; payPath: string; zone: string };

/** A payment is open at the bank: how to finish it, what is happening, and the way out behind one question. */
export function WaitingPanel({ attempt, contactMasked, payPath, zone }: Props) {
  const isQr = attempt.goKind === "qr" && attempt.goTarget !== null;
  return (
    <div className="flex flex-col gap-5">
      {isQr ? <SbpQr payload={attempt.goTarget!} amount={formatMoney(attempt.amountKopecks)} /> : <BankPage attempt={attempt} zone={zone} />}
      <Waiting contactMasked={contactMasked} />
      <OtherWay payPath={payPath} isQr={isQr} />
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

/** Also said while an outcome is unknown: nothing is paid twice (LOST-30). */
export function Waiting({ contactMasked }: { contactMasked: string | null }) {
  return (
    <div className="flex flex-col gap-2 border-t pt-4 text-body">
      <p className="flex items-center gap-2">
        <span aria-hidden="true" className="relative flex size-3 shrink-0">
          <span className="absolute inset-0 animate-ping rounded-full bg-chart-2 opacity-40" />
          <span className="m-auto size-2 rounded-full bg-chart-2" />
        </span>
        Ждём подтверждения от банка. Страница обновится сама.
      </p>
      <p className="after-a-minute text-muted-foreground">
        Обычно это занимает до минуты. Если деньги списались, второй раз платить не нужно: мы проверим платёж
        {contactMasked ? ` и пришлём чек на ${contactMasked}` : " и пришлём чек"}.
      </p>
    </div>
  );
}

function OtherWay({ payPath, isQr }: { payPath: string; isQr: boolean }) {
  return (
    <details className="border-t pt-2">
      <summary className="flex min-h-11 cursor-pointer list-none items-center text-primary [&::-webkit-details-marker]:hidden">Оплатить другим способом</summary>
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

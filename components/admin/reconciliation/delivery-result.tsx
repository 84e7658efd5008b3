import Link from "next/link";
import { Panel } from "@/components/admin/page-parts.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { formatDate, formatDateTime, formatMoney, formatNumber } from "@/lib/kit/format.ts";
import type { DeliveryDetail } from "@/lib/reconciliation/index.ts";
import { SET_ASIDE_PER_PAGE } from "@/lib/reconciliation/index.ts";
import { addDays } from "@/lib/kit/time.ts";
import { deliveryDays, deliveryPerson, deliveryTitle } from "./delivery-rows.tsx";

const DAY_LINKS = 7;

/** What came of one delivery: counts, and the lines that were set aside with their number and reason. */
export function DeliveryResult({ delivery, page, today }: { delivery: DeliveryDetail; page: number; today: string }) {
  const href = (to: number) => `/admin/reconciliation/uploads?delivery=${delivery.deliveryId}&page=${to}`;
  const isRegistry = delivery.kind === "registry";
  return (
    <Panel title={deliveryTitle(delivery)}>
      <div className="num flex flex-col gap-3 p-4 text-dense sm:px-5">
        <p className="wrap-anywhere text-muted-foreground">
          {delivery.fileName ? `Файл «${delivery.fileName}», ` : ""}
          {deliveryDays(delivery)}; {deliveryPerson(delivery)}, {formatDateTime(delivery.receivedAt)}
        </p>
        <dl className="flex flex-wrap gap-x-8 gap-y-2">
          <Figure name={isRegistry ? "Строк" : "Документов"} value={delivery.lineCount} />
          <Figure name="Новых" value={delivery.newCount} />
          <Figure name="Уже известных" value={delivery.knownCount} />
          <Figure name={isRegistry ? "Отложено" : "Замечаний"} value={delivery.problemCount} isBad={delivery.problemCount > 0} />
        </dl>
        {delivery.openingKopecks !== null && delivery.closingKopecks !== null ? (
          <p>
            Остаток на начало {formatMoney(delivery.openingKopecks)}, на конец {formatMoney(delivery.closingKopecks)}
          </p>
        ) : null}
        <DayLinks from={delivery.dayFrom} to={delivery.dayTo < today ? delivery.dayTo : today} />
      </div>
      {delivery.warnings.length > 0 ? (
        <ul className="num border-t px-4 py-3 text-dense sm:px-5">
          {delivery.warnings.map((warning, i) => (
            <li key={i} className="py-0.5 wrap-anywhere">
              {warning}
            </li>
          ))}
        </ul>
      ) : null}
      {delivery.lines.length > 0 ? (
        <>
          <h3 className="px-4 pb-1 font-medium sm:px-5">Отложенные строки</h3>
          <ul className="num text-dense">
            {delivery.lines.map((line) => (
              <li key={`${line.lineNo} ${line.code}`} className="grid grid-cols-[6.5rem_minmax(0,1fr)] gap-x-3 border-t px-4 py-2 sm:px-5">
                <span className="text-muted-foreground">строка {formatNumber(line.lineNo)}</span>
                <span className="wrap-anywhere">
                  {line.text}
                  {line.raw ? <span className="block font-mono text-caption text-muted-foreground">{line.raw.slice(0, 300)}</span> : null}
                </span>
              </li>
            ))}
          </ul>
        </>
      ) : null}
      {page > 0 || delivery.hasMore ? (
        <div className="flex items-center justify-between gap-3 border-t px-4 py-3 sm:px-5">
          <span className="num text-dense text-muted-foreground">
            {formatNumber(page * SET_ASIDE_PER_PAGE + 1)}–{formatNumber(page * SET_ASIDE_PER_PAGE + delivery.lines.length)} из {formatNumber(delivery.problemCount)}
          </span>
          <span className="flex gap-2">
            {page > 0 ? (
              <Link href={href(page - 1)} prefetch={false} className={buttonClass()}>
                Назад
              </Link>
            ) : null}
            {delivery.hasMore ? (
              <Link href={href(page + 1)} prefetch={false} className={buttonClass()}>
                Дальше
              </Link>
            ) : null}
          </span>
        </div>
      ) : null}
    </Panel>
  );
}

function Figure({ name, value, isBad = false }: { name: string; value: number; isBad?: boolean }) {
  return (
    <div>
      <dt className="text-muted-foreground">{name}</dt>
      <dd className={`text-h3 font-semibold ${isBad ? "text-warning" : ""}`}>{formatNumber(value)}</dd>
    </div>
  );
}

/** The last days that it speaks of. */
function DayLinks({ from, to }: { from: string; to: string }) {
  const days: string[] = [];
  for (let day = to; day >= from && days.length < DAY_LINKS; day = addDays(day, -1)) days.unshift(day);
  if (days.length === 0) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-3">
      <span className="text-muted-foreground">Сверка запущена, результат по дням:</span>
      {days.map((day) => (
        <Link key={day} href={`/admin/reconciliation/${day}`} prefetch={false} className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
          {formatDate(day)}
        </Link>
      ))}
    </p>
  );
}

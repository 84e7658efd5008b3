import { NBSP, formatCount, formatMoney, formatMoneyTile, formatPercent, formatShare } from "@/lib/kit/format.ts";
import { takingsGroupLabels, takingsGroups } from "@/lib/reports/overview.ts";
import type { Overview } from "@/lib/reports/overview.ts";
import { comparedWith } from "@/lib/reports/period.ts";
import type { PeriodName } from "@/lib/reports/period.ts";
import { groupDots } from "./takings-chart.tsx";
import { Tile, Tiles } from "./tiles.tsx";

/** A very great sum takes two lines: it may break before its unit. */
const tileMoney = (kopecks: bigint): string => {
  const text = formatMoneyTile(kopecks);
  return text.length > 12 ? text.replace(NBSP, " ") : text;
};

/** Growth in percents to one decimal; null where there was nothing to compare with. */
function growth(now: bigint, before: bigint): number | null {
  return before > 0n ? Number(((now - before) * 1000n) / before) / 10 : null;
}

function Delta({ change, unit, than }: { change: number | null; unit: "%" | "п. п."; than: string }) {
  if (change === null) return <>не с чем сравнить</>;
  const text = unit === "%" ? formatPercent(Math.abs(change)) : `${Math.abs(change).toFixed(1).replace(".", ",")}${NBSP}п.${NBSP}п.`;
  const sign = change > 0 ? "↑" : change < 0 ? "↓" : "";
  return (
    <>
      <span className={change > 0 ? "text-success" : change < 0 ? "text-danger" : undefined}>
        {sign} {text}
      </span>{" "}
      {than}
    </>
  );
}

const conversion = ({ made, paid }: { made: bigint; paid: bigint }): number | null => (made > 0n ? Number((paid * 1000n) / made) / 10 : null);

/** The six figures of A1. Each opens the list behind it. */
export function OverviewTiles({ figures, period }: { figures: Overview; period: PeriodName }) {
  const { takings, previousTakings, waiting, links, previousLinks, receiptTrouble, overdue, notInOnec, returnedKopecks } = figures;
  const than = comparedWith[period];
  const [converted, before] = [conversion(links), conversion(previousLinks)];
  const groups = takingsGroups.filter((group) => group !== "other" || takings.byGroup.other > 0n);
  return (
    <Tiles>
      <Tile wide label="Поступило" value={tileMoney(takings.totalKopecks)} exact={formatMoney(takings.totalKopecks)} note={<Delta change={growth(takings.totalKopecks, previousTakings.totalKopecks)} unit="%" than={than} />}>
        <dl className="num mt-2 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-dense sm:max-w-64">
          {groups.map((group) => (
            <div key={group} className="contents">
              <dt className="flex items-center gap-1.5 text-muted-foreground">
                <i className={`size-2.5 rounded-[2px] ${groupDots[group]}`} />
                {takingsGroupLabels[group]}
              </dt>
              <dd className="text-right font-medium whitespace-nowrap">{formatMoney(takings.byGroup[group])}</dd>
            </div>
          ))}
          {returnedKopecks !== 0n ? (
            <div className="contents">
              <dt className="text-muted-foreground">Возвращено</dt>
              <dd className="text-right whitespace-nowrap">{formatMoney(-returnedKopecks)}</dd>
            </div>
          ) : null}
        </dl>
      </Tile>
      <Tile label="Ждёт оплаты" value={tileMoney(waiting.kopecks)} exact={formatMoney(waiting.kopecks)} note={formatCount(waiting.orders, ["заказ", "заказа", "заказов"])} href="/admin/orders?tab=waiting" />
      <Tile
        label="Конверсия ссылок"
        value={converted === null ? "—" : formatShare(links.paid, links.made)}
        note={converted === null ? "ссылок за период не было" : before === null ? `${links.paid} из ${links.made}` : <Delta change={Math.round((converted - before) * 10) / 10} unit="п. п." than="" />}
      />
      <Tile
        label="Чеки с ошибкой"
        value={String(receiptTrouble.count)}
        href="/admin/receipts"
        note={receiptTrouble.count > 0n ? <span className="text-danger">{formatMoneyTile(receiptTrouble.kopecks)} под риском</span> : "Все чеки пробиты"}
      />
      <Tile label="Просрочено" value={tileMoney(overdue.kopecks)} exact={formatMoney(overdue.kopecks)} note={overdue.buyers > 0n ? formatCount(overdue.buyers, ["покупатель", "покупателя", "покупателей"]) : "Долгов с истёкшим сроком нет"} href="/admin/orders?view=overdue" />
      <Tile label={"Не учтено в\u00A01С"} value={tileMoney(notInOnec.kopecks)} exact={formatMoney(notInOnec.kopecks)} note={notInOnec.count > 0n ? formatCount(notInOnec.count, ["платёж", "платежа", "платежей"]) : "1С учла всё"} href="/admin/orders?view=not_in_onec" />
    </Tiles>
  );
}

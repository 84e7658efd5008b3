import Link from "next/link";
import { Empty, Panel } from "@/components/admin/page-parts.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { Table, Td, Th } from "@/components/admin/table.tsx";
import { NBSP, formatCount, formatMoney, formatNumber } from "@/lib/kit/format.ts";
import { shortName } from "@/lib/orders/order-badge.ts";
import { paymentStatusLabels } from "@/lib/orders/states.ts";
import type { ShadowCounts, ShadowRow, Verdict } from "@/lib/rehearsal/index.ts";

const verdicts: Record<Verdict, { tone: "success" | "danger" | "neutral"; label: string }> = {
  agrees: { tone: "success", label: "Сходится" },
  differs: { tone: "danger", label: "Расходится" },
  apart: { tone: "neutral", label: "Не сравнить" },
};

/** Shadow mode (PIL-01): what 1C says of each order beside what we computed, and what would have gone out. */
export function ShadowCard({ rows, counts }: { rows: readonly ShadowRow[]; counts: ShadowCounts }) {
  return (
    <Panel title="Сверка с 1С без отправки">
      {rows.length === 0 ? (
        <Empty title="Сравнивать пока нечего">Когда 1С пришлёт заказы, здесь будет видно, что она о них говорит, что посчитали мы и какие чеки и документы ушли бы.</Empty>
      ) : (
        <>
          <p className="num px-4 pt-2 text-dense text-muted-foreground sm:px-5">
            {formatCount(counts.orders, ["заказ", "заказа", "заказов"])}: сходится {formatNumber(counts.agrees)}, расходится {formatNumber(counts.differs)}, не сравнить {formatNumber(counts.apart)}. Чек не собрался у{" "}
            {formatNumber(counts.problems)}. «Не сравнить» значит, что 1С закрыла заказ и не назвала сумму: деньги шли мимо сайта.
          </p>
          <Table label="Сверка с 1С без отправки" className="mt-2">
            <thead>
              <tr>
                <Th>Заказ</Th>
                <Th>Покупатель</Th>
                <Th right>Сумма</Th>
                <Th>Говорит 1С</Th>
                <Th>Посчитали мы</Th>
                <Th>Итог</Th>
                <Th>Ушло бы</Th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.orderId}>
                  <Td className="min-w-28">
                    <Link href={`/admin/orders/${row.orderId}`} prefetch={false} className="font-medium text-primary underline-offset-2 hover:underline wrap-anywhere">
                      №{NBSP}
                      {row.number}
                    </Link>
                  </Td>
                  <Td className="max-w-56 min-w-32 wrap-anywhere">{shortName(row.buyerName)}</Td>
                  <Td right>{formatMoney(row.totalKopecks)}</Td>
                  <Td className="min-w-36 wrap-anywhere">{row.onecPaymentNumber ? `Оплачен, документ ${row.onecPaymentNumber}` : (row.onecState ?? "Оплаты нет")}</Td>
                  <Td className="min-w-36">
                    {paymentStatusLabels[row.paymentStatus]}
                    {row.netPaidKopecks > 0n ? `, ${formatMoney(row.netPaidKopecks)}` : ""}
                  </Td>
                  <Td>
                    <StateBadge tone={verdicts[row.verdict].tone}>{verdicts[row.verdict].label}</StateBadge>
                  </Td>
                  <Td className="min-w-40">
                    {row.dryReceipts + row.dryExports === 0 && row.problems.length === 0 ? "—" : `${formatCount(row.dryReceipts, ["чек", "чека", "чеков"])}, ${formatCount(row.dryExports, ["документ", "документа", "документов"])}`}
                    {row.problems.map((problem) => (
                      <span key={problem} className="block text-danger">
                        {problem}
                      </span>
                    ))}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </Panel>
  );
}

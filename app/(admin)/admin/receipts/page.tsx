import type { Metadata } from "next";
import Link from "next/link";
import { requireWorld } from "../../session/world.ts";
import { oneOf } from "../../session/search-params.ts";
import type { PageWithSearch } from "../../session/search-params.ts";
import { repeatReceiptAction } from "../orders/[id]/actions.ts";
import { closeReceiptAction } from "./actions.ts";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Empty, PageHead, Panel, Tabs } from "@/components/admin/page-parts.tsx";
import { ReceiptCauses } from "@/components/admin/receipt-causes.tsx";
import { ReceiptRows } from "@/components/admin/receipt-rows.tsx";
import { buttonClass } from "@/components/ui/button.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { countReceipts, groupFailures, listReceipts, receiptTabLabels, receiptTabs } from "@/lib/fiscal/index.ts";
import type { ReceiptCounts, ReceiptTab } from "@/lib/fiscal/index.ts";
import { formatNumber } from "@/lib/kit/format.ts";

export const metadata: Metadata = { title: "Чеки" };

const emptyTexts: Record<ReceiptTab, [title: string, text: string]> = {
  decide: ["Решать нечего", "Чеки, которые касса отклонила совсем, появятся здесь с причиной и советом."],
  retry: ["Повторов нет", "Если касса занята или не отвечает, чек попадёт сюда и уйдёт сам."],
  working: ["В работе пусто", "Здесь видны чеки, которые ждут кассы: обычно несколько секунд."],
  done: ["Пробитых чеков ещё нет", "Чек пробивается сразу после оплаты."],
  all: ["Чеков ещё нет", "Чек появляется вместе с первой оплатой."],
};

export default async function ReceiptsPage({ searchParams }: PageWithSearch) {
  const scope = await requireWorld();
  const { ctx, staff } = scope;
  const query = await searchParams;
  const asked = oneOf(query["tab"]);
  const counts = await countReceipts(ctx, scope);
  const tab = receiptTabs.find((each) => each === asked) ?? (counts.byTab.decide > 0n ? "decide" : counts.byTab.retry > 0n ? "retry" : "all");
  const before = oneOf(query["before"]);
  const [{ rows, next }, groups] = await Promise.all([listReceipts(ctx, scope, { tab, before }), tab === "decide" || tab === "retry" ? groupFailures(ctx, scope, tab) : []]);
  const now = ctx.now();
  const href = (each: ReceiptTab, from?: string) => `/admin/receipts?tab=${each}${from ? `&before=${from}` : ""}`;
  return (
    <>
      <LiveRefresh />
      <PageHead title="Чеки" note={<Invariant counts={counts} />} />
      <Panel>
        <Tabs label="Чеки по состоянию" current={tab} tabs={receiptTabs.map((each) => ({ key: each, label: receiptTabLabels[each], href: href(each), count: counts.byTab[each] }))} />
        {before === null ? <ReceiptCauses groups={groups} now={now} /> : null}
        {rows.length === 0 ? <Empty title={emptyTexts[tab][0]}>{emptyTexts[tab][1]}</Empty> : <ReceiptRows rows={rows} now={now} mayRepeat={can(staff.role, "receipt.repeat")} repeat={repeatReceiptAction} mayClose={can(staff.role, "receipt.close")} close={closeReceiptAction} mayCorrect={can(staff.role, "receipt.correct")} />}
        {next ? (
          <div className="border-t px-4 py-3 text-right sm:px-5">
            <Link href={href(tab, next)} prefetch={false} className={buttonClass()}>
              Дальше
            </Link>
          </div>
        ) : null}
      </Panel>
    </>
  );
}

/** Every payment has exactly one receipt, or a stored reason for none (A5). */
function Invariant({ counts }: { counts: ReceiptCounts }) {
  const open = counts.payments - counts.settled;
  if (open === 0n) return <span className="num text-success">Платежей {formatNumber(counts.payments)}, чеков {formatNumber(counts.settled)}: сходится</span>;
  return (
    <span className="num">
      Платежей {formatNumber(counts.payments)}, чеков {formatNumber(counts.settled)}, <span className="font-medium text-danger">не закрыто {formatNumber(open)}</span>
      {counts.forgotten > 0n ? <span className="font-medium text-danger">, из них без плана {formatNumber(counts.forgotten)}</span> : null}
    </span>
  );
}

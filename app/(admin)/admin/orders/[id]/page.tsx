import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { requireWorld } from "../../../session/world.ts";
import { oneOf } from "../../../session/search-params.ts";
import type { PageWithSearch } from "../../../session/search-params.ts";
import { decideConflictAction, settleConflictAction } from "../../exchange/actions.ts";
import { confirmExportAction } from "../../money-actions.ts";
import { bookTransferAction, changeContactAction, changePayByAction, changeRequisitesAction, changeTermsAction, checkAttempt, createLink, repeatReceiptAction, revealContactAction } from "./actions.ts";
import { BuyerCard } from "@/components/admin/buyer-card.tsx";
import { DocumentsCard } from "@/components/admin/documents-card.tsx";
import { DisputesCard } from "@/components/admin/disputes-card.tsx";
import { ConflictBanner } from "@/components/admin/exchange/conflict-banner.tsx";
import { HoldsCard } from "@/components/admin/holds-card.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { OnecCard } from "@/components/admin/onec-card.tsx";
import { OrderActionLinks, parseOrderAction } from "@/components/admin/order-action-links.tsx";
import { OrderActionPanel } from "@/components/admin/order-action-panel.tsx";
import { OrderHeadBlock } from "@/components/admin/order-head.tsx";
import { OrderLinesCard } from "@/components/admin/order-lines-card.tsx";
import { OrderPaymentsCard } from "@/components/admin/order-payments-card.tsx";
import { OrderReceiptsCard } from "@/components/admin/order-receipts-card.tsx";
import { InvoiceCard, LinkCard } from "@/components/admin/order-side-cards.tsx";
import { OverpaidBanner } from "@/components/admin/overpaid-banner.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { DryRunsCard } from "@/components/admin/pilot/dry-runs-card.tsx";
import { RefundsCard } from "@/components/admin/refunds-card.tsx";
import { TimelineCard } from "@/components/admin/timeline-card.tsx";
import { TransferForm } from "@/components/admin/transfer-form.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import { findMoveTargets } from "@/lib/allocations/index.ts";
import { documentsOfCounterparty, documentsOfOrder } from "@/lib/documents/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { formatMoneyCopy } from "@/lib/kit/format.ts";
import { newId } from "@/lib/kit/ids.ts";
import { localDate } from "@/lib/kit/time.ts";
import { listConflicts } from "@/lib/onec/inbox/index.ts";
import { lastDayOf } from "@/lib/orders/edit-order.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { payBarReasons, payBarTitles } from "@/lib/pilot/states.ts";
import { listDryRuns } from "@/lib/rehearsal/index.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import { listApprovers, meOf, readRefundable, refundReasons } from "@/lib/refunds/index.ts";
import { askedOf, readOrderMoneyBack } from "@/lib/reports/order-money-back.ts";
import { readTimeline, timelineFeeds } from "@/lib/reports/timeline.ts";
import { whereIsMoney } from "@/lib/reports/where-is-money.ts";

type Props = { params: Promise<{ id: string }> } & PageWithSearch;

/** Read once for the title and the page. */
const load = cache(async (id: string) => {
  const { ctx, viewer } = await requireWorld();
  return readOrderPage(ctx, viewer, id);
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const data = await load((await params).id);
  return { title: data ? `Заказ №\u00A0${data.order.number}` : "Заказ не найден" };
}

export default async function OrderPage({ params, searchParams }: Props) {
  const scope = await requireWorld();
  const { ctx, staff, viewer } = scope;
  const data = await load((await params).id);
  if (!data) notFound();
  const { order, link } = data;
  const given = await searchParams;
  const feed = timelineFeeds.find((each) => each === oneOf(given["feed"])) ?? "all";
  const may = (permission: Parameters<typeof can>[1]) => can(staff.role, permission);
  const wanted = parseOrderAction(oneOf(given["action"]));
  const action = wanted && may(actionRights[wanted]) ? wanted : null;
  const search = oneOf(given["target"]);
  const [conflicts, timeline, back, approvers, refundable, targets, dryRuns, documents, buyerDocuments] = await Promise.all([
    listConflicts(ctx, scope, { state: "open", orderId: order.orderId }), readTimeline(ctx, viewer, order.orderId, feed), readOrderMoneyBack(ctx, viewer, order), listApprovers(ctx), action ? readRefundable(ctx, order.orderId) : null, action === "move" ? findMoveTargets(ctx, order.orderId, search) : [], listDryRuns(ctx, order.orderId),
    documentsOfOrder(ctx, order.orderId), order.counterpartyId === null || viewer.storeId !== null ? [] : documentsOfCounterparty(ctx, order.counterpartyId),
  ]);
  const now = ctx.now();
  const today = localDate(now, ctx.zone);
  const where = whereIsMoney({
    ...data, refunds: back.refunds, disputes: back.disputes, holds: back.holds.map((hold) => ({ heldKopecks: hold.heldKopecks, asked: askedOf(hold) })), awaitsRevision: back.flags.awaitsRevision, bank: back.bank,
    hasInvoice: data.invoices.some((invoice) => invoice.state === "issued"), linkValidUntil: link?.state === "active" ? link.validUntil : null, now, zone: ctx.zone,
  });
  const { dueKopecks, netPaidKopecks, overpaidKopecks } = orderBalance(order);
  const path = `/admin/orders/${order.orderId}`;
  const rights = { me: meOf(ctx), today, mayRequest: may("refund.request"), mayApprove: may("refund.approve"), mayPayOut: may("transfer.book"), mayReverse: may("money.reverse"), approvers };
  const reason = refundReasons.find((each) => each === oneOf(given["reason"])) ?? null;
  return (
    <>
      <LiveRefresh orderId={order.orderId} />
      <OrderHeadBlock order={order} where={where} today={today} flags={back.flags}>
        {netPaidKopecks > 0n && action === null ? <OrderActionLinks orderId={order.orderId} mayRefund={may("refund.request")} mayDispute={may("dispute.manage")} mayReverse={may("money.reverse")} /> : null}
      </OrderHeadBlock>
      {action && refundable ? (
        <OrderActionPanel
          action={action} order={order} refundable={refundable} today={today} formKey={newId()} targets={targets} search={search}
          suggested={{ reason: reason ?? "goods_return", amountKopecks: reason === "overpayment" || reason === "order_cancelled" ? min(refundable.surplusKopecks, refundable.refundableKopecks) : null }}
        />
      ) : null}
      {overpaidKopecks > 0n && action === null ? <OverpaidBanner orderId={order.orderId} overpaidKopecks={overpaidKopecks} isCancelled={!isPayableLifecycle(order.lifecycle)} mayRefund={may("refund.request")} mayMove={may("advance.move")} /> : null}
      <ConflictBanner orderId={order.orderId} conflicts={conflicts.rows} rights={{ mayDecide: may("conflict.decide"), mayRepeat: may("onec.repeat"), decide: decideConflictAction, settle: settleConflictAction }} />
      {data.alerts.filter((alert) => alert.code !== "ALR-04" || overpaidKopecks === 0n).map((alert) => (
        <Notice key={alert.alertId} tone={alert.severity === "P1" ? "danger" : "warning"} title={alert.title}>
          <p>{alert.advice}</p>
        </Notice>
      ))}
      {order.payBar !== null && dueKopecks > 0n ? (
        <Notice tone={order.payBar === "stopped" ? "danger" : "warning"} title={payBarTitles[order.payBar]}>
          <p>{payBarReasons[order.payBar]}</p>
        </Notice>
      ) : null}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_380px]">
        <TimelineCard timeline={timeline} feed={feed} path={path} />
        <div className="grid min-w-0 items-start gap-4 md:grid-cols-2 xl:grid-cols-1">
          <HoldsCard holds={back.holds} dueKopecks={dueKopecks} mayManage={may("hold.manage")} />
          <RefundsCard refunds={back.refunds} rights={rights} />
          <DisputesCard disputes={back.disputes} evidence={back.evidence} today={today} mayManage={may("dispute.manage")} />
          <OrderLinesCard lines={data.lines} totalKopecks={order.totalKopecks} isSound={order.linesMatchTotal} />
          <OrderPaymentsCard attempts={data.attempts} facts={data.facts} evidence={back.evidence} mayOpenEvidence={may("dispute.manage")} check={checkAttempt} />
          <OrderReceiptsCard receipts={data.receipts} mayRepeat={may("receipt.repeat")} repeat={repeatReceiptAction} mayCorrect={may("receipt.correct")} />
          <LinkCard orderId={order.orderId} isDue={dueKopecks > 0n && order.onecPaymentNumber === null && order.payBar === null && !back.flags.awaitsRevision} link={link} publicUrl={ctx.publicUrl} mayManage={may("link.manage")} create={createLink} lastDay={order.payUntil && lastDayOf(order.payUntil, ctx.zone)} today={today} changePayBy={changePayByAction} />
          <DryRunsCard runs={dryRuns} />
          <InvoiceCard invoices={data.invoices} order={order} today={today} />
          <DocumentsCard documents={documents} counterparty={buyerDocuments} mayOpen={viewer.seesBuyers} />
          {may("transfer.book") ? (
            <Panel title="Оплата по счёту">
              <details className="px-4 pt-2 pb-4 sm:px-5">
                <summary className="inline-flex min-h-6 items-center text-dense font-medium text-primary hover:underline">Отметить оплату по счёту…</summary>
                <div className="mt-3">
                  <TransferForm orderId={order.orderId} orderNumber={order.number} due={dueKopecks > 0n ? formatMoneyCopy(dueKopecks) : ""} today={today} action={bookTransferAction} />
                </div>
              </details>
            </Panel>
          ) : null}
          <BuyerCard order={order} seesBuyers={viewer.seesBuyers} mayReveal={may("contacts.see")} mayChangeTerms={may("terms.change")} mayEdit={may("link.manage")} reveal={revealContactAction} changeTerms={changeTermsAction} changeContact={changeContactAction} changeRequisites={changeRequisitesAction} />
          <OnecCard order={order} exports={data.exports} mayConfirm={may("transfer.book")} confirm={confirmExportAction} />
        </div>
      </div>
    </>
  );
}

const actionRights = { refund: "refund.request", move: "advance.move", keep: "advance.move", dispute: "dispute.manage", reverse: "money.reverse" } as const;
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { requireWorld } from "../../../session/world.ts";
import { bookTransferAction, changeTermsAction, checkAttempt, createLink, repeatReceiptAction, revealContactAction } from "./actions.ts";
import { BuyerCard } from "@/components/admin/buyer-card.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { OrderHeadBlock } from "@/components/admin/order-head.tsx";
import { OrderLinesCard } from "@/components/admin/order-lines-card.tsx";
import { OrderPaymentsCard } from "@/components/admin/order-payments-card.tsx";
import { OrderReceiptsCard } from "@/components/admin/order-receipts-card.tsx";
import { InvoiceCard, LinkCard, OnecCard } from "@/components/admin/order-side-cards.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { TimelineCard } from "@/components/admin/timeline-card.tsx";
import { TransferForm } from "@/components/admin/transfer-form.tsx";
import { Notice } from "@/components/ui/notice.tsx";
import { can } from "@/lib/auth/permissions.ts";
import { formatMoneyCopy } from "@/lib/kit/format.ts";
import { localDate } from "@/lib/kit/time.ts";
import { readOrderPage } from "@/lib/orders/order-page.ts";
import { orderBalance } from "@/lib/orders/states.ts";
import { readTimeline } from "@/lib/reports/timeline.ts";
import { whereIsMoney } from "@/lib/reports/where-is-money.ts";

type Props = { params: Promise<{ id: string }> };

/** Read once for the title and the page. */
const load = cache(async (id: string) => {
  const { ctx, viewer } = await requireWorld();
  return readOrderPage(ctx, viewer, id);
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const data = await load((await params).id);
  return { title: data ? `Заказ №\u00A0${data.order.number}` : "Заказ не найден" };
}

export default async function OrderPage({ params }: Props) {
  const { ctx, staff, viewer } = await requireWorld();
  const data = await load((await params).id);
  if (!data) notFound();
  const { order, link } = data;
  const timeline = await readTimeline(ctx, viewer, order.orderId);
  const now = ctx.now();
  const today = localDate(now, ctx.zone);
  const where = whereIsMoney({ ...data, hasInvoice: data.invoices.some((invoice) => invoice.state === "issued"), linkValidUntil: link?.state === "active" ? link.validUntil : null, now, zone: ctx.zone });
  const { dueKopecks } = orderBalance(order);
  const may = (permission: Parameters<typeof can>[1]) => can(staff.role, permission);
  return (
    <>
      <LiveRefresh orderId={order.orderId} />
      <OrderHeadBlock order={order} where={where} today={today} />
      {data.alerts.map((alert) => (
        <Notice key={alert.alertId} tone={alert.severity === "P1" ? "danger" : "warning"} title={alert.title}>
          <p>{alert.advice}</p>
        </Notice>
      ))}
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,1fr)_380px]">
        <TimelineCard timeline={timeline} />
        <div className="grid min-w-0 items-start gap-4 md:grid-cols-2 xl:grid-cols-1">
          <OrderLinesCard lines={data.lines} totalKopecks={order.totalKopecks} isSound={order.linesMatchTotal} />
          <OrderPaymentsCard attempts={data.attempts} facts={data.facts} check={checkAttempt} />
          <OrderReceiptsCard receipts={data.receipts} mayRepeat={may("receipt.repeat")} repeat={repeatReceiptAction} />
          <LinkCard orderId={order.orderId} isDue={dueKopecks > 0n && order.onecPaymentNumber === null} link={link} publicUrl={ctx.publicUrl} mayManage={may("link.manage")} create={createLink} />
          <InvoiceCard invoices={data.invoices} order={order} today={today} />
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
          <BuyerCard order={order} seesBuyers={viewer.seesBuyers} mayReveal={may("contacts.see")} mayChangeTerms={may("terms.change")} reveal={revealContactAction} changeTerms={changeTermsAction} />
          <OnecCard order={order} exports={data.exports} />
        </div>
      </div>
    </>
  );
}

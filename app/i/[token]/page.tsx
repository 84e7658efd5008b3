import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { buyerContext, loadPayPage } from "@/app/pay/[token]/load.ts";
import { Documents } from "@/components/pay/documents.tsx";
import { InvoicePanel } from "@/components/pay/invoice-panel.tsx";
import { LegalFooter } from "@/components/pay/legal-footer.tsx";
import { Live } from "@/components/pay/live.tsx";
import { OrderSummary } from "@/components/pay/order-summary.tsx";
import { isSettled, summaryAmount } from "@/components/pay/page-words.ts";
import { PayShell } from "@/components/pay/pay-shell.tsx";
import type { StoredInvoiceContent } from "@/lib/invoices/index.ts";
import { deriveInvoiceState, invoiceLabels } from "@/lib/invoices/index.ts";
import { NBSP } from "@/lib/kit/format.ts";
import { localDate } from "@/lib/kit/time.ts";
import { viewPayPage } from "@/lib/orders/pay-view.ts";

type Props = { params: Promise<{ token: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { token } = await params;
  const { invoice, seller } = await loadPayPage({ invoiceToken: token });
  return { title: { absolute: `Счёт №${NBSP}${invoice?.number ?? ""} — ${seller.brandName}` } };
}

/** The invoice of an order and how it stands; an old link leads to the present version (INV-3). */
export default async function InvoicePage({ params }: Props) {
  const [{ token }, ctx] = [await params, await buyerContext()];
  const row = await loadPayPage({ invoiceToken: token });
  const invoice = row.invoice!;
  if (invoice.token !== token) redirect(`/i/${invoice.token}`);
  const now = ctx.now();
  const today = localDate(now, ctx.zone);
  const view = viewPayPage(row, { now, lastMethod: null, isPhone: false, wantsOther: true, seenKopecks: null });
  const condition = deriveInvoiceState({ state: invoice.state, paymentStatus: row.order.paymentStatus, isPaidInOnec: row.order.isPaidInOnec, dueDate: row.order.dueDate, today });
  return (
    <PayShell
      isTest={row.order.isTest}
      summary={<OrderSummary row={row} zone={ctx.zone} amount={summaryAmount(view)} dueKopecks={view.dueKopecks} netPaidKopecks={view.netPaidKopecks} isSettled={isSettled(view.state)} />}
    >
      <InvoicePanel
        token={token}
        content={invoice.content as StoredInvoiceContent}
        condition={condition}
        hasPdf={invoice.hasPdf}
        dueDate={row.order.dueDate}
        today={today}
        payToken={view.state.kind === "ready" ? (row.active?.token ?? null) : null}
      />
      <Documents documents={row.documents} path={`/i/${token}`} />
      <LegalFooter seller={row.seller} withConsent={false} />
      <Live path={`/i/${token}`} stamp={row.stamp} announcement={`Счёт: ${invoiceLabels[condition]}`} focusId={null} />
    </PayShell>
  );
}

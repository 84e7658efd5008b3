import type { PaymentStatus } from "@/lib/orders/states.ts";
import type { InvoiceState, invoiceLabels } from "./states.ts";

export type InvoiceCondition = keyof typeof invoiceLabels;

/** 2.8: what an invoice's badge says, out of its own state and the order's money. `today` and `dueDate` are local days. Pure. */
export function deriveInvoiceState(invoice: { state: InvoiceState; paymentStatus: PaymentStatus; isPaidInOnec: boolean; dueDate: string | null; today: string }): InvoiceCondition {
  const isPaid = invoice.isPaidInOnec || invoice.paymentStatus === "paid" || invoice.paymentStatus === "overpaid";
  if (invoice.state !== "issued") return invoice.state;
  if (isPaid) return "paid";
  // B2B-05: overdue from the day after the term.
  if (invoice.dueDate !== null && invoice.dueDate < invoice.today) return "overdue";
  return invoice.paymentStatus === "partially_paid" ? "partially_paid" : "issued";
}

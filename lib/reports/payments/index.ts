export { PAYMENTS_PER_PAGE, countPayments, listPayments, listProviders, totalPayments } from "./list-payments.ts";
export type { PaymentRow, PaymentTotals } from "./list-payments.ts";
export { readPaymentDetail } from "./payment-detail.ts";
export type { PaymentDetail } from "./payment-detail.ts";
export { isListTab, isNarrowed, listTabs, parsePaymentFilter, paymentFilterQuery, paymentTabLabels, paymentTabs } from "./payment-filter.ts";
export type { ListTab, PaymentFilter, PaymentTab } from "./payment-filter.ts";
export type { PaymentScope } from "./payment-sources.ts";
export { CSV_ROWS_MAX, csvCell, paymentsCsv } from "./payments-csv.ts";

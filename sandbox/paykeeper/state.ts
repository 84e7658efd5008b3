export type InvoiceStatus = "created" | "sent" | "paid" | "expired" | "revoked";

/** Money is kopecks, moments are epoch milliseconds. */
export type Invoice = {
  id: string;
  status: InvoiceStatus;
  amount: bigint;
  clientid: string;
  orderid: string;
  serviceName: string;
  email: string;
  phone: string;
  expiresAt: number | null;
  createdAt: number;
  paidAt: number | null;
  paymentId: string | null;
  returnUrl: string | null;
};

export type PaymentStatus =
  | "pending" | "obtained" | "success" | "stuck" | "canceled" | "failed" | "refunding" | "partially_refunded" | "refunded";

export type Payment = {
  id: string;
  invoiceId: string | null;
  status: PaymentStatus;
  /** What the payer pays; may differ from the invoice when a test says so. */
  amount: bigint;
  refunded: bigint;
  clientid: string;
  orderid: string;
  serviceName: string;
  email: string;
  phone: string;
  /** "7" card, "99" SBP. */
  psId: string;
  uniqueId: string;
  cardNumber: string;
  qrcId: string | null;
  qrLink: string | null;
  expiresAt: number | null;
  returnUrl: string | null;
  failReason: string | null;
  pendingAt: number;
  obtainedAt: number | null;
  successAt: number | null;
  repeatCounter: number;
  /** Two-stage: the money is only held, until then; null or absent = not held. */
  heldUntil?: number | null;
  /** Two-stage: when the held money was taken. */
  takenAt?: number | null;
  /** Next try of the notification; null when none is due. */
  notifyAt: number | null;
  /** Tries are lost on the way (fault notify_never). */
  muted: boolean;
  lastReply: string | null;
};

export type Refund = {
  id: string;
  paymentId: string;
  number: number;
  amount: bigint;
  remainder: bigint;
  at: number;
  doneAt: number;
  willFail: boolean;
  status: "started" | "done" | "failed";
};

export type PayKeeperSettings = {
  notifyUrl: string;
  /** Pauses between tries, seconds; after the last one the payment is stuck. */
  retryPauses: number[];
  notifyTimeoutSeconds: number;
  refundSeconds: number;
  /** Address in front of the QR id; the real one is https://qr.nspk.ru/ */
  qrBase: string;
  /** What byid says of a revoked invoice: nobody has confirmed it. */
  revokedInvoice: "revoked" | "not_found";
  /** How the fiscal receipt is made is not modelled: our own register prints. */
  shopName: string;
  /** Two-stage cabinet: a payment is held first. Which words it uses then nobody has confirmed: ours says `obtained` until the capture. */
  twoStage: boolean;
  holdSeconds: number;
};

export type PayKeeperState = {
  invoices: Record<string, Invoice>;
  payments: Record<string, Payment>;
  refunds: Refund[];
  token: string;
  tokenAt: number;
  lastPaymentId: number;
  lastRefundId: number;
  settings: PayKeeperSettings;
};

export const PS_CARD = "7";
export const PS_SBP = "99";
/** The most invoices, payments and refunds that are kept; the oldest go first. */
export const KEEP = 5000;

export const MONEY_IN: readonly PaymentStatus[] = ["obtained", "success", "stuck", "refunding", "partially_refunded", "refunded"];

export function freshPayKeeper(): PayKeeperState {
  return {
    invoices: {},
    payments: {},
    refunds: [],
    token: "",
    tokenAt: 0,
    lastPaymentId: 41_700_122,
    lastRefundId: 5_011,
    settings: {
      notifyUrl: "",
      retryPauses: [2, 5, 10, 30, 60, 60, 60, 60, 60, 60],
      notifyTimeoutSeconds: 10,
      refundSeconds: 3,
      qrBase: "",
      revokedInvoice: "revoked",
      shopName: "Магазин «Строй-Дом»",
      twoStage: false,
      holdSeconds: 7 * 86_400,
    },
  };
}

import type { WireStep } from "../core/steps.ts";

export type Vat = "22" | "20" | "10" | "7" | "5" | "0";

/** Money is kopecks; quantity and percent are decimal texts as 1C writes them. */
export type Line = {
  id: string;
  article: string;
  name: string;
  kind: "Товар" | "Услуга";
  unitCode: string;
  unitName: string;
  unitShort: string;
  price: bigint;
  quantity: string;
  discountPercent: string;
  /** After discount; without VAT when the order counts VAT on top. */
  sum: bigint;
  vat: Vat;
  cancelled: boolean;
};

export type Buyer = {
  id: string;
  kind: "person" | "sole_trader" | "company";
  name: string;
  fullName: string;
  inn: string;
  kpp: string;
};

export type PaymentDocument = { kind: "Операция по платёжной карте" | "Поступление безналичных ДС"; number: string; at: number; sum: bigint; method: string };

export type OnecOrder = {
  id: string;
  number: string;
  at: number;
  /** Additional attribute «Номер заказа на сайте»; empty = the order is not exchanged. */
  siteNumber: string;
  siteAt: number;
  buyer: Buyer;
  lines: Line[];
  vatIncluded: boolean;
  comment: string;
  posted: boolean;
  deleted: boolean;
  /** «Ожидается согласование» is the only state in which УТ reads anything from the site. */
  state: "Ожидается согласование" | "К выполнению" | "Закрыт";
  payments: PaymentDocument[];
  shipment: { number: string; at: number } | null;
  /** Grows with each change; above `sentVersion` = registered for the exchange node. */
  version: number;
  sentVersion: number;
  notes: string[];
};

export type PayMethodRow = { code: string; name: string; acquirer: string };

export type OnecSettings = {
  exchangeUrl: string;
  /** Empty = the pair of credentials.json. */
  login: string;
  password: string;
  /** «Загружать онлайн-оплаты» */
  loadPayments: boolean;
  methods: PayMethodRow[];
  /** «Обмен без идентификатора сессии» */
  withoutSessid: boolean;
  ordersPerFile: number;
  /** Upload a file even when nothing changed, as some bases do. */
  sendEmptyFile: boolean;
  scheduleOn: boolean;
  scheduleSeconds: number;
};

export type ExchangeReport = {
  at: number;
  ok: boolean;
  error: string | null;
  steps: WireStep[];
  loaded: LoadResult | null;
  uploaded: { number: string; version: number }[];
};

export type LoadResult = {
  created: string[];
  updated: string[];
  /** Skipped silently by УТ: the site cannot see it. */
  skipped: { number: string; why: string }[];
  booked: { order: string; document: string; sum: bigint; method: string }[];
  /** Lines that came back other than 1C gave them: a manager's order is damaged. */
  damaged: string[];
  newGoods: string[];
  warnings: string[];
};

export type OnecState = {
  orders: Record<string, OnecOrder>;
  lastOrder: number;
  lastDocument: number;
  settings: OnecSettings;
  exchanges: ExchangeReport[];
};

export function freshOnec(): OnecState {
  return {
    orders: {},
    lastOrder: 814,
    lastDocument: 376,
    settings: {
      exchangeUrl: "",
      login: "",
      password: "",
      loadPayments: true,
      methods: [
        { code: "card", name: "Банковская карта", acquirer: "PayKeeper" },
        { code: "sbp", name: "СБП", acquirer: "PayKeeper" },
      ],
      withoutSessid: false,
      ordersPerFile: 100,
      sendEmptyFile: false,
      scheduleOn: false,
      scheduleSeconds: 60,
    },
    exchanges: [],
  };
}

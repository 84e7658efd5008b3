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

/** Money as the base booked it: negative = given back. `siteNumber`: the site's number of the payment, by which УНФ knows it again. */
export type PaymentDocument = {
  kind: "Операция по платёжной карте" | "Поступление безналичных ДС" | "Возврат покупателю";
  number: string;
  at: number;
  sum: bigint;
  method: string;
  id?: string;
  siteNumber?: string;
};

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
  /** `unf`: protocol «Битрикс» of УНФ 3.0. */
  configuration: "ut" | "unf";
  /** УНФ, way B: payments and shipments as subordinate documents, `version` and `cmlVersion` in every call. */
  subordinate: boolean;
  /** УНФ waits this long when the site answers `progress`. */
  progressPauseMs: number;
  /** How wrong the base's clock is. */
  clockShiftSeconds: number;
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

export function freshOnec(configuration: OnecSettings["configuration"] = "ut"): OnecState {
  return {
    orders: {},
    lastOrder: 814,
    lastDocument: 376,
    settings: {
      configuration,
      subordinate: true,
      progressPauseMs: 5_000,
      clockShiftSeconds: 0,
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

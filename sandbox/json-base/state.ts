import type { Buyer, Line } from "../onec/state.ts";
import type { WireStep } from "../core/steps.ts";

/** As the JSON exchange writes it: `{"kind":"calendarDays","days":14,"from":"shipment"}`. */
export type Deferral = { kind: string; days: number; from: string };

export type Customer = Buyer & { email: string; phone: string; address: string };

/** What the base last sent of an order: one version, word for word. */
export type SentVersion = { version: number; body: Record<string, unknown> };

export type JsonOrder = {
  id: string;
  number: string;
  at: number;
  customer: Customer;
  lines: Line[];
  comment: string;
  /** Who leads the order; empty: nobody, nothing is sent. */
  manager: string;
  posted: boolean;
  deleted: boolean;
  cancelled: boolean;
  payBy: string;
  deferral: Deferral | null;
  methods: string[] | null;
  shippedAt: number | null;
  /** Grows with each change; above `sentVersion` = waits in the queue of the extension. */
  version: number;
  sentVersion: number;
  sent: SentVersion | null;
  before: SentVersion | null;
  /** What the site said of it last. */
  verdict: string;
  payUrl: string;
  /** Born on the site and taken by `order.created`. */
  fromSite: boolean;
  /** The site's id of an order that was born there; sent along, so that both sides know they mean one order. */
  siteId: string;
  notes: string[];
};

/** A document that the base made for one key; money is signed from the base's point of view. */
export type BookedDocument = {
  key: string;
  type: string;
  document: string;
  number: string;
  at: number;
  orderId: string;
  orderNumber: string;
  sum: bigint;
  method: string;
  note: string;
};

/** A shipment, a return, terms of a buyer, a file, a statement, a demand for money back: what was sent and what the site said. */
export type Paper = {
  id: string;
  kind: "shipment" | "return" | "counterparty" | "refund" | "document" | "statement";
  orderNumber: string;
  number: string;
  at: number;
  body: Record<string, unknown>;
  verdict: string;
  answer: unknown;
};

/** Each time an event reached the base, whichever way. */
export type Arrival = {
  at: number;
  way: "changes" | "push";
  key: string;
  type: string;
  orderNumber: string;
  /** `booked`: made a document; `noted`: needs none; `known`: was there already; `refused`: an error of the base; `lost`: the base died. */
  outcome: "booked" | "noted" | "known" | "refused" | "lost";
  note: string;
};

/** One call to the HTTP-сервис. */
export type ServiceCall = { at: number; status: number | null; eventId: string; key: string; tookMs: number; answer: string; why: string };

export type RunReport = {
  at: number;
  ok: boolean;
  error: string | null;
  steps: WireStep[];
  sent: { number: string; status: string; msg: string }[];
  booked: { key: string; number: string; sum: bigint }[];
  /** Events of this run that were in the books already. */
  known: number;
  warnings: string[];
};

export type JsonSettings = {
  siteUrl: string;
  /** Empty = the pair of credentials.json. */
  login: string;
  password: string;
  token: string;
  waitForChallenge: boolean;
  loginEncoding: "utf-8" | "windows-1251";
  /** `careless`: no Content-Type, a BOM, sums as `1 220,00`, year-1 dates, empty GUIDs, «Истина», trailing spaces. */
  style: "careful" | "careless";
  ordersPerBatch: number;
  eventsPerPage: number;
  scheduleOn: boolean;
  scheduleSeconds: number;
  /** The base's clock against the world's. */
  clockShiftSeconds: number;
  /** 0 = the time of a push is not checked. */
  pushToleranceSeconds: number;
};

export type JsonBaseState = {
  title: string;
  prefix: string;
  orders: Record<string, JsonOrder>;
  /** Where the last acknowledgement went. */
  cursor: string;
  lastOrder: number;
  lastDocument: number;
  books: Record<string, BookedDocument>;
  /** Keys of events that need no document, so that they too count once. */
  noted: Record<string, string>;
  papers: Paper[];
  arrivals: Arrival[];
  serviceCalls: ServiceCall[];
  runs: RunReport[];
  settings: JsonSettings;
};

export const freshJsonBase = (title: string, prefix: string): JsonBaseState => ({
  title,
  prefix,
  orders: {},
  cursor: "0",
  lastOrder: 100,
  lastDocument: 10,
  books: {},
  noted: {},
  papers: [],
  arrivals: [],
  serviceCalls: [],
  runs: [],
  settings: {
    siteUrl: "",
    login: "",
    password: "",
    token: "",
    waitForChallenge: false,
    loginEncoding: "utf-8",
    style: "careful",
    ordersPerBatch: 200,
    eventsPerPage: 100,
    scheduleOn: false,
    scheduleSeconds: 60,
    clockShiftSeconds: 0,
    pushToleranceSeconds: 300,
  },
});

/** The wire of the CommerceML exchange: bytes to orders, orders to bytes. No database, no clock. */
export { checkauth, failure, init, oneLine, progress, refusalReason, success, type Init } from "./answers.ts";
export { completeTailBytes, endsOrderFile } from "./complete-file.ts";
export { createExchangeDecoder } from "./encoding.ts";
export { exchangeFileName, type ExchangeFileName } from "./filename.ts";
export { MalformedExchangeFile } from "./malformed.ts";
export { createOrderParser, defaultParseLimits, readOrderFile, type OrderParser, type ParseLimits } from "./parse-orders.ts";
export { readOrder, type ReadSettings } from "./read-order.ts";
export { siteLine, type SiteLine } from "./site-line.ts";
export { defaultZipLimits, readZip, type ZipLimits, type ZippedFile } from "./zip.ts";
export {
  orderChunks,
  orderFile,
  paymentRef,
  writeDocument,
  writeInfo,
  writeOrders,
  type InfoItem,
  type QueryBuyer,
  type QueryFlavour,
  type QueryOptions,
  type QueryOrder,
  type QueryPayment,
} from "./write-orders.ts";
export type {
  DraftBuyer,
  DraftLine,
  OnecOperation,
  OnecState,
  OrderDraft,
  OrderRefusal,
  OrderStatus,
  OtherOperation,
  PayerKind,
  RawPayload,
  ReadOrder,
} from "./order-draft.ts";
export type { EchoLine, LocalTime, OnecBuyer, OnecDocument, OnecLine, OnecMarks } from "./types.ts";

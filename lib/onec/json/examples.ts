/** What the description shows: the samples of the exchange in the form that the door really answers. A test reads each by its schema. */

const orderId = "c0ffee11-c2d4-11f1-8f10-0050568b1a01";
const siteId = "019aa6c0-0b1e-7c11-8f10-2d4411f18f10";
const paymentId = "b0c5b1a8-98b4-4e0e-9a67-0d8c3e2b5f01";
const refundId = "5cb3b7f2-21f0-4e52-8a70-6a9c8a1e0f02";
const shipmentId = "5a1f0c62-7b1d-11ef-9d3a-0050568b1b02";
const returnId = "5a1f0c62-7b1d-11ef-9d3a-0050568b1b03";
const documentId = "5a1f0c62-7b1d-11ef-9d3a-0050568b1b04";
const customerId = "5a1f0c62-7b1d-11ef-9d3a-0050568b1a01";
const fine = { code: "", msg: "", warnings: [] as string[] };

export const ping = { ok: true, name: "1С: Управление торговлей", time: "2026-11-21T18:00:00+03:00", timeLocal: "2026-11-21T18:00:00", scopes: ["json"], moneyChannel: "json", environment: "live", version: "0.1.0" };

export const orders = {
  orders: [
    {
      id: orderId, version: 3, number: "УТ00-000840", date: "2026-11-21T15:04:05", amount: 92110, currency: "RUB", vatIncluded: true, payBy: "2026-11-28", comment: "", manager: "Орлов Павел", methods: ["card", "sbp", "invoice"],
      deferral: { kind: "calendarDays", days: 14, from: "shipment" },
      customer: { id: customerId, type: "legal", name: 'ООО "Северный Мастер"', inn: "9900000024", kpp: "990101001", address: "г Москва, ул Примерная, д 1", email: "buh@sever.example", phone: "+7 999 000-00-02" },
      items: [
        { line: 1, id: "10000001-aaaa-11ee-8f10-0050568b1a01", sku: "ДО-50150", name: "Доска обрезная 50×150×6000 сорт 1", unit: "м3", unitCode: "113", quantity: 4, price: 21350, discount: 4270, amount: 81130, vatRate: "22", vatAmount: 14630, subject: "commodity" },
        { line: 2, id: "10000002-aaaa-11ee-8f10-0050568b1a01", sku: "СМ-4276", name: "Саморез 4,2×76 (упаковка 200 шт)", unit: "упак", unitCode: "778", quantity: 12, price: 610, discount: 0, amount: 7320, vatRate: "22", vatAmount: 1320, subject: "commodity" },
        { line: 3, id: "10000003-aaaa-11ee-8f10-0050568b1a01", sku: "", name: "Доставка до объекта", unit: "шт", unitCode: "796", quantity: 1, price: 3660, discount: 0, amount: 3660, vatRate: "22", vatAmount: 660, subject: "service" },
      ],
      state: { posted: true, deleted: false, cancelled: false, shippedAt: "0001-01-01T00:00:00" },
    },
    { id: "c0ffee13-c2d4-11f1-8f10-0050568b1a01", version: 1, number: "УТ00-000842", date: "2026-11-21T15:11:00", amount: 100, items: [{ line: 1, name: "Строка с другой суммой", quantity: 1, price: 90, amount: 90, vatRate: "22" }] },
  ],
};

export const ordersAnswer = {
  accepted: 1, rejected: 1, warnings: [],
  results: [
    { id: orderId, siteId, number: "УТ00-000840", status: "updated", version: 3, payUrl: "https://pay.shop.example/pay/4fQ9", paymentStatus: "not_paid", paid: "0.00", due: "92110.00", pilot: "", ...fine },
    { id: "c0ffee13-c2d4-11f1-8f10-0050568b1a01", siteId: "", number: "УТ00-000842", status: "rejected", version: 1, payUrl: "", paymentStatus: "", paid: "", due: "", pilot: "", code: "amount_mismatch", msg: "Сумма строк 90.00 не равна сумме заказа 100.00", warnings: [] },
  ],
};

const refundRow = {
  id: refundId, orderId, paymentId, amount: "610.00", method: "instrument", state: "requested", stateText: "Ждёт одобрения", number: "УТ00-000012", requestedAt: "2026-11-21T17:00:00+03:00", requestedAtLocal: "2026-11-21T17:00:00", finishedAt: "", finishedAtLocal: "", failText: "",
};

export const order = {
  id: orderId, siteId, number: "УТ00-000840", onecNumber: "УТ00-000840", version: 3, date: "2026-11-21T15:04:05+03:00", dateLocal: "2026-11-21T15:04:05", lifecycle: "active", posted: true, status: "", paymentStatus: "paid",
  paymentStatusText: "Оплачен", amount: "92110.00", currency: "RUB", paid: "92110.00", refunded: "0.00", due: "0.00", overpaid: "0.00", held: "0.00", payUrl: "", payUntil: "2026-11-29T00:00:00+03:00", payUntilLocal: "2026-11-29T00:00:00",
  dueDate: "", methods: [], manager: "Орлов Павел", pilot: "", isTest: false,
  payments: [{ id: paymentId, number: "k17-1", method: "card", amount: "92110.00", paidAt: "2026-11-21T15:40:11+03:00", paidAtLocal: "2026-11-21T15:40:11", acquirer: "paykeeper", acquirerId: "4412356789", rrn: "632512345678", maskedPan: "************1234", documentNumber: "", exported: "pending" }],
  refunds: [refundRow],
  receipts: [{ id: "019aa6c0-1c2f-7d22-9f10-3d4411f18f11", kind: "income", purpose: "prepayment", state: "registered", amount: "92110.00", fn: "9999078900001234", fd: "1024", fp: "3522207165", registeredAt: "2026-11-21T15:40:20+03:00", registeredAtLocal: "2026-11-21T15:40:00", url: "https://ofd.example/1024", failText: "" }],
  invoice: { number: "УТ00-000840", version: 1, state: "issued", amount: "92110.00", issuedAt: "2026-11-21T15:05:00+03:00", validUntil: "2026-12-05", url: "https://pay.shop.example/i/8aKq", pdfUrl: "https://pay.shop.example/i/8aKq/pdf" },
  shipments: [{ id: shipmentId, number: "УТ00-000590", date: "2026-11-22T10:00:00+03:00", dateLocal: "2026-11-22T10:00:00", amount: "92110.00" }],
  returns: [],
  documents: [{ id: documentId, kind: "upd", number: "УТ00-000590", date: "2026-11-22", amount: "92110.00", version: 1, hidden: false }],
  msg: "",
};

export const shipments = {
  shipments: [
    {
      id: shipmentId, number: "УТ00-000590", date: "2026-11-22T10:00:00", orderId,
      items: [{ line: 2, id: "10000002-aaaa-11ee-8f10-0050568b1a01", quantity: 2, amount: 1220, markCodes: ["0104600000000017215aBcDeFgHiJkL", "0104600000000017215aBcDeFgHiJkM"] }, { line: 3, id: "10000003-aaaa-11ee-8f10-0050568b1a01", quantity: 1, amount: 3660 }],
    },
  ],
};
export const shipmentsAnswer = { accepted: 1, rejected: 0, warnings: [], results: [{ id: shipmentId, siteId, number: "УТ00-000590", orderId, status: "created", lifecycle: "partially_shipped", ...fine }] };

export const returns = { returns: [{ id: returnId, number: "УТ00-000031", date: "2026-11-25T12:00:00", orderId, items: [{ line: 2, id: "10000002-aaaa-11ee-8f10-0050568b1a01", quantity: 1, amount: 610 }] }] };
export const returnsAnswer = { accepted: 1, rejected: 0, warnings: [], results: [{ id: returnId, siteId, number: "УТ00-000031", orderId, status: "created", lifecycle: "shipped", ...fine }] };

export const counterparties = {
  counterparties: [{ id: customerId, type: "legal", name: 'ООО "Северный Мастер"', inn: "9900000024", kpp: "990101001", email: "buh@sever.example", deferral: { kind: "calendarDays", days: 14, from: "shipment" }, creditLimit: 500000 }],
};
export const counterpartiesAnswer = { accepted: 1, rejected: 0, warnings: [], results: [{ id: customerId, siteId, name: 'ООО "Северный Мастер"', status: "updated", ordersMoved: 2, ...fine }] };

export const refund = { id: returnId, number: "УТ00-000012", paymentId, amount: 610, reason: "goods_return" };
export const refundAnswer = { id: returnId, orderId, orderNumber: "УТ00-000840", amount: "610.00", status: "requested", statusText: "Ждёт одобрения", refunds: [refundRow], warnings: [], msg: "" };

const noParts = { payment: null, refund: null, receipt: null, payout: null, document: null };
const changeOrder = { id: "c0ffee12-c2d4-11f1-8f10-0050568b1a01", siteId, number: "УТ00-000841", onecNumber: "УТ00-000841", total: "1220.00", status: "paid", pilot: "" };
export const changes = {
  cursor: "0000000000001045", hasMore: false, serverTime: "2026-11-21T18:00:00+03:00",
  items: [
    {
      ...noParts, seq: "0000000000001043", id: "019aa6c0-2d3e-7e33-8f10-4d4411f18f12", type: "payment.succeeded", key: `payment:${paymentId}`, at: "2026-11-21T15:40:11+03:00", atLocal: "2026-11-21T15:40:11", isTest: false, order: changeOrder,
      payment: {
        id: paymentId, number: "k18-1", method: "card", kind: "payment_captured", amount: "1220.00", fee: "14.64", net: "1205.36", currency: "RUB", paidAt: "2026-11-21T15:40:11+03:00", paidAtLocal: "2026-11-21T15:40:11", acquirer: "paykeeper",
        acquirerId: "4412356789", rrn: "632512345678", authCode: "", maskedPan: "************1234", sbpId: "", sbpBank: "", documentNumber: "", failReason: "", vat: [{ rate: "22", amount: "1220.00", vatAmount: "220.00" }],
      },
      balance: { paid: "1220.00", refunded: "0.00", due: "0.00" },
    },
    {
      ...noParts, seq: "0000000000001045", id: "019aa6c0-2d3e-7e33-8f10-4d4411f18f13", type: "refund.succeeded", key: `refund:${refundId}`, at: "2026-11-21T17:01:00+03:00", atLocal: "2026-11-21T17:01:00", isTest: false,
      order: { ...changeOrder, id: orderId, number: "УТ00-000840", onecNumber: "УТ00-000840", total: "92110.00", status: "partially_paid" },
      refund: { id: refundId, paymentId: "f1f0a1a2-6d6b-4a9d-8f5c-0a1b2c3d4e5f", number: "", method: "card", amount: "610.00", refundedAt: "2026-11-21T17:01:00+03:00", refundedAtLocal: "2026-11-21T17:01:00" },
      balance: { paid: "92110.00", refunded: "610.00", due: "610.00" },
    },
  ],
  msg: "",
};
export const ack = { cursor: "0000000000001045", documents: [{ key: `payment:${paymentId}`, number: "УТ00-000123" }], rejected: [] };
export const ackAnswer = { ok: true, cursor: "0000000000001045", settled: [], warnings: [], msg: "" };

export const document = {
  id: documentId, status: "created", kind: "upd", number: "УТ00-000590", date: "2026-11-21", amount: "92110.00", orderId, orderNumber: "УТ00-000840", orderRef: orderId, counterpartyId: "", visibleToBuyer: true, version: 1,
  versions: [{ version: 1, mime: "application/pdf", size: 48213, sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", number: "УТ00-000590", date: "2026-11-21", amount: "92110.00", receivedAt: "2026-11-21T18:00:00+03:00", receivedAtLocal: "2026-11-21T18:00:00" }],
  warnings: [], msg: "",
};

export const statementAnswer = {
  status: "taken", accounts: [{ account: "40702810938000012345", dayFrom: "2026-11-21", dayTo: "2026-11-21", lines: 2, new: 1, known: 1 }],
  documents: [{ account: "40702810938000012345", number: "17", date: "2026-11-21", direction: "credit", amount: "92110.00", payerName: 'ООО "Северный Мастер"', payerInn: "9900000024", kind: "candidate", verdict: "new" }], warnings: [], msg: "",
};

/** Letters to buyers (ux 7). Pure: values in, subject, text and HTML out. Values are already formatted text. */
export type LetterTemplate = "paid" | "refund" | "bill" | "document";

export type PaidLetter = {
  orderNumber: string;
  amount: string;
  method: string;
  paidAt: string;
  shop: string;
  seller: string;
  phone: string;
  /** Page of the order. */
  pageUrl: string;
  /** Empty while the register has not printed it. */
  receiptUrl: string;
  /** A receipt is due and not there yet. */
  isReceiptComing: boolean;
  /** The order is paid in full. */
  isPaid: boolean;
  /** What is left to pay; empty when nothing is, or nothing is asked for any more. */
  rest: string;
};

export type Letter = { subject: string; text: string; html: string };

export type RefundLetter = Pick<PaidLetter, "orderNumber" | "amount" | "method" | "shop" | "seller" | "phone" | "pageUrl" | "receiptUrl" | "isReceiptComing"> & {
  /** When the buyer sees the money, in words. */
  term: string;
};

export type BillLetter = Pick<PaidLetter, "amount" | "shop" | "seller" | "phone" | "pageUrl"> & {
  /** «Заказ № 1234», «Счёт № …». */
  what: string;
  /** Last day or moment to pay; empty: no limit. */
  until: string;
  /** What is paid for, one text each. */
  lines: string[];
};

export type DocumentLetter = Pick<PaidLetter, "orderNumber" | "shop" | "seller" | "phone" | "pageUrl"> & {
  /** «УПД № УТ00-000590 от 21 ноября 2026». */
  what: string;
  /** Empty when the document names none. */
  amount: string;
  fileUrl: string;
  /** Last day of `fileUrl`. */
  until: string;
};

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const esc = (text: string) => text.replace(/[&<>"']/g, (c) => escapes[c]!);

const COMING = "Чек придёт отдельным письмом.";

/** «Деньги по заказу № 1234 возвращены»: the sum, the way back and how long the bank takes. */
export function refundLetter(v: RefundLetter): Letter {
  const subject = `Возврат по заказу №\u00A0${v.orderNumber}`;
  const said = `${subject}: ${v.amount}, ${v.method}. ${v.term}`;
  const receipt = v.receiptUrl ? `Чек возврата: ${v.receiptUrl}` : v.isReceiptComing ? COMING : "";
  const text = [v.shop, "", said, ...(receipt ? [receipt] : []), "", `Страница заказа: ${v.pageUrl}`, "", `${v.seller}, ${v.phone}`].join("\n");
  const button = v.receiptUrl ? { url: v.receiptUrl, label: "Открыть чек возврата" } : { url: v.pageUrl, label: "Открыть заказ" };
  const note = v.receiptUrl || !v.isReceiptComing ? "" : COMING;
  return { subject, text, html: page({ shop: v.shop, subject, amount: v.amount, said: `${esc(v.method)}. ${esc(v.term)}`, button, note, from: `${v.seller}, ${v.phone}` }) };
}

type Page = { shop: string; subject: string; amount: string; /** HTML. */ said: string; button: { url: string; label: string }; /** HTML. */ note: string; from: string };

/** One frame for all letters. */
const page = ({ shop, subject, amount, said, button, note, from }: Page) => `<!doctype html><html lang="ru"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width"><title>${esc(subject)}</title></head>
<body style="margin:0;padding:24px 12px;background:#f3f4f6;font:16px/24px system-ui,'Segoe UI',Roboto,Arial,sans-serif;color:#14171d">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center">
<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="max-width:600px;width:100%;background:#ffffff;border:1px solid #e1e3e6;border-radius:10px"><tr><td style="padding:32px">
<p style="margin:0 0 16px;color:#5c6169">${esc(shop)}</p>
<h1 style="margin:0 0 4px;font-size:22px;line-height:28px;font-weight:600">${esc(subject)}</h1>
${amount ? `<p style="margin:0 0 24px;font-size:36px;line-height:42px;font-weight:600">${esc(amount)}</p>` : ""}
<p style="margin:0 0 24px">${said}</p>
<p style="margin:0 0 24px"><a href="${esc(button.url)}" style="display:inline-block;padding:12px 24px;border-radius:6px;background:#2554ca;color:#fcfcfc;text-decoration:none;font-weight:500">${button.label}</a></p>
${note ? `<p style="margin:0 0 24px;color:#5c6169">${note}</p>` : ""}
<p style="margin:0;color:#5c6169;font-size:14px;line-height:20px">${esc(from)}</p>
</td></tr></table></td></tr></table></body></html>`;

/** «Заказ № 1234 оплачен», or what came for it when that is not all. */
export function paidLetter(v: PaidLetter): Letter {
  const subject = v.isPaid ? `Заказ №\u00A0${v.orderNumber} оплачен` : `Получена оплата по заказу №\u00A0${v.orderNumber}`;
  const rest = v.rest ? `Осталось оплатить ${v.rest}.` : "";
  const receipt = v.receiptUrl ? `Чек: ${v.receiptUrl}` : v.isReceiptComing ? COMING : "";
  const said = [`${subject}: ${v.amount}, ${v.method}, ${v.paidAt}.`, rest, receipt].filter((line) => line !== "");
  const text = [v.shop, "", ...said, "", `Страница заказа: ${v.pageUrl}`, "", `${v.seller}, ${v.phone}`].join("\n");
  const note = v.receiptUrl ? `Страница заказа: <a href="${esc(v.pageUrl)}" style="color:#2554ca">${esc(v.pageUrl)}</a>` : v.isReceiptComing ? COMING : "";
  const button = v.receiptUrl ? { url: v.receiptUrl, label: "Открыть чек" } : { url: v.pageUrl, label: "Открыть заказ" };
  const html = page({ shop: v.shop, subject, amount: v.amount, said: `${esc(v.method)}, ${esc(v.paidAt)}${rest ? `<br>${esc(rest)}` : ""}`, button, note, from: `${v.seller}, ${v.phone}` });
  return { subject, text, html };
}

/** «Заказ № 1234: оплатите 12 345,60 ₽ до 21 ноября»: what 1C asks its buyer to pay (ux 7, pay_link). */
export function billLetter(v: BillLetter): Letter {
  const subject = `${v.what}: оплатите ${v.amount}${v.until ? ` до ${v.until}` : ""}`;
  const until = v.until ? `Оплатить можно до ${v.until}.` : "";
  const text = [v.shop, "", `${subject}.`, "", ...v.lines, "", `Оплатить: ${v.pageUrl}`, ...(until ? [until] : []), "", `${v.seller}, ${v.phone}`].join("\n");
  const said = [...v.lines.map(esc), ...(until ? [`<br>${esc(until)}`] : [])].join("<br>");
  const note = `Если кнопка не работает, откройте адрес: <a href="${esc(v.pageUrl)}" style="color:#2554ca;word-break:break-all">${esc(v.pageUrl)}</a>`;
  return { subject, text, html: page({ shop: v.shop, subject: v.what, amount: v.amount, said, button: { url: v.pageUrl, label: "Оплатить заказ" }, note, from: `${v.seller}, ${v.phone}` }) };
}

/** «УПД № 590 к заказу № 1234»: a file that 1C gave the buyer. */
export function documentLetter(v: DocumentLetter): Letter {
  const subject = `${v.what} к заказу №\u00A0${v.orderNumber}`;
  const until = `Ссылка на файл открывается до ${v.until}.`;
  const text = [v.shop, "", `${subject}${v.amount ? `, ${v.amount}` : ""}.`, "", `Скачать: ${v.fileUrl}`, until, "", `Все документы заказа: ${v.pageUrl}`, "", `${v.seller}, ${v.phone}`].join("\n");
  const note = `Все документы заказа: <a href="${esc(v.pageUrl)}" style="color:#2554ca;word-break:break-all">${esc(v.pageUrl)}</a>`;
  return { subject, text, html: page({ shop: v.shop, subject, amount: v.amount, said: esc(until), button: { url: v.fileUrl, label: "Скачать документ" }, note, from: `${v.seller}, ${v.phone}` }) };
}

import { toString as qrSvg } from "qrcode";
import { formOf, redirect, sendHtml, type Call } from "../core/http.ts";
import { humanRubles } from "../core/money.ts";
import { Html, html, page, safeLink } from "../core/page.ts";
import { humanMoment } from "../core/clock.ts";
import type { Cabinet, Outcome } from "./cabinet.ts";
import { MONEY_IN, PS_CARD, PS_SBP, type Invoice, type Payment } from "./state.ts";

const BACK_AFTER_SECONDS = 3;

/** /bill/<id>/ and /sbp/<paymentId>/: the hosted pages. `path` begins after /paykeeper. */
export async function billPages(cabinet: Cabinet, call: Call, path: string): Promise<void> {
  const bill = /^\/bill\/(\d{17})\/(pay\/|cancel\/)?$/.exec(path);
  const sbp = /^\/(sbp|result)\/(\d{1,12})\/$/.exec(path);
  if (bill?.[1]) {
    const invoice = cabinet.invoice(bill[1]);
    if (!invoice) return sendHtml(call, 404, page("Счёт не найден", html`<h1>Счёт не найден</h1>`, { phone: true }));
    if (bill[2] === "pay/" && call.method === "POST") return pay(cabinet, call, invoice);
    if (bill[2] === undefined) return showBill(cabinet, call, invoice);
  }
  if (sbp?.[2]) {
    const payment = cabinet.payment(sbp[2]);
    if (payment) return sbp[1] === "sbp" && payment.status === "pending" ? showQr(cabinet, call, payment) : showResult(cabinet, call, payment);
  }
  sendHtml(call, 404, page("Не найдено", html`<h1>Страница не найдена</h1>`, { phone: true }));
}

async function showBill(cabinet: Cabinet, call: Call, invoice: Invoice): Promise<void> {
  if (invoice.status === "paid") {
    const payment = invoice.paymentId === null ? null : cabinet.payment(invoice.paymentId);
    if (payment) return showResult(cabinet, call, payment);
  }
  const back = returnLink(invoice.returnUrl);
  if (invoice.status !== "created" && invoice.status !== "sent") {
    const why = invoice.status === "expired" ? "Срок оплаты счёта истёк" : invoice.status === "revoked" ? "Счёт отозван" : "Счёт оплачен";
    return sendHtml(call, 200, page(why, html`<div class="card"><h1>${why}</h1><p class="soft">Счёт № ${invoice.id}</p>${back}</div>`, { phone: true }));
  }
  // ?pstype=sbp_default opens SBP at once (seen in community code).
  if (call.url.searchParams.get("pstype") === "sbp_default") {
    return redirect(call, `/paykeeper/sbp/${cabinet.startPayment(invoice, PS_SBP, invoice.id).id}/`);
  }
  const until = invoice.expiresAt === null ? "" : html`<p class="soft">Оплатите до ${humanMoment(invoice.expiresAt)} (МСК)</p>`;
  const body = html`
    <p class="soft">${cabinet.state.settings.shopName}</p>
    <h1>${cabinet.title(invoice)}</h1>
    <p class="sum">${humanRubles(invoice.amount)}</p>${until}
    <form class="card" method="post" action="/paykeeper/bill/${invoice.id}/pay/">
      <h2>Банковская карта</h2>
      <label class="pick"><input type="radio" name="card" value="success" checked>•••• 0013: оплата пройдёт</label>
      <label class="pick"><input type="radio" name="card" value="insufficient_funds">•••• 0051: недостаточно средств</label>
      <label class="pick"><input type="radio" name="card" value="3ds_fail">•••• 0101: не пройдёт 3-D Secure</label>
      <button class="wide" name="action" value="card">Оплатить ${humanRubles(invoice.amount)}</button>
    </form>
    <form class="card" method="post" action="/paykeeper/bill/${invoice.id}/pay/">
      <h2>Система быстрых платежей</h2>
      <button class="wide quiet" name="action" value="sbp">Оплатить через СБП</button>
    </form>
    <form method="post" action="/paykeeper/bill/${invoice.id}/pay/">
      <button class="wide quiet" name="action" value="decline">Отказаться от оплаты</button>
      <button class="wide quiet" name="action" value="close">Закрыть страницу</button>
    </form>
    <p class="soft"><small>Страница песочницы: деньги не списываются. Счёт № ${invoice.id}</small></p>`;
  sendHtml(call, 200, page("Оплата счёта", body, { phone: true }));
}

async function pay(cabinet: Cabinet, call: Call, invoice: Invoice): Promise<void> {
  const form = await formOf(call);
  const action = form.get("action");
  const open = invoice.status === "created" || invoice.status === "sent";
  if (!open) return redirect(call, `/paykeeper/bill/${invoice.id}/`);
  if (action === "close") {
    const back = safeLink(invoice.returnUrl);
    if (back) return redirect(call, back);
    return sendHtml(call, 200, page("Закрыто", html`<div class="card"><h1>Страница закрыта</h1><p>Счёт ждёт оплаты.</p></div>`, { phone: true }));
  }
  if (action === "sbp") return redirect(call, `/paykeeper/sbp/${cabinet.startPayment(invoice, PS_SBP, invoice.id).id}/`);
  const outcome: Outcome = action === "decline" ? "decline" : cardOutcome(form.get("card"));
  const payment = cabinet.startPayment(invoice, PS_CARD, invoice.id);
  // The payer's browser does not wait for the shop to take the notification.
  void cabinet.finish(payment, outcome);
  redirect(call, `/paykeeper/result/${payment.id}/`);
}

function cardOutcome(choice: string | null): Outcome {
  return choice === "insufficient_funds" || choice === "3ds_fail" ? choice : "success";
}

async function showQr(cabinet: Cabinet, call: Call, payment: Payment): Promise<void> {
  const svg = new Html(await qrSvg(payment.qrLink ?? "", { type: "svg", margin: 1 }));
  const body = html`
    <p class="soft">${cabinet.state.settings.shopName}</p><h1>${cabinet.title(payment)}</h1>
    <p class="sum">${humanRubles(payment.amount)}</p>
    <div class="card"><p>Наведите камеру телефона на QR-код или откройте приложение банка.</p><div class="qr">${svg}</div>
    <a class="button wide" href="/nspk/${payment.qrcId}">Открыть приложение банка</a>
    <p class="soft" role="status">Ждём подтверждения банка. Страница обновляется сама.</p></div>`;
  sendHtml(call, 200, page("Оплата через СБП", body, { phone: true, refreshSeconds: 2 }));
}

function showResult(cabinet: Cabinet, call: Call, payment: Payment): void {
  const paid = MONEY_IN.includes(payment.status);
  const title = paid ? "Оплата прошла" : payment.status === "pending" ? "Платёж обрабатывается" : "Оплата не прошла";
  const again = !paid && payment.invoiceId ? html`<a class="button wide" href="/paykeeper/bill/${payment.invoiceId}/">Попробовать ещё раз</a>` : "";
  const target = safeLink(payment.returnUrl);
  const body = html`<div class="card">
    <h1 class="${paid ? "ok" : "bad"}">${title}</h1><p class="sum">${humanRubles(payment.amount)}</p>
    <p>${cabinet.title(payment)}</p>${payment.failReason ? html`<p class="bad">${payment.failReason}</p>` : ""}
    ${again}${returnLink(payment.returnUrl)}
    <p class="soft"><small>Платёж № ${payment.id}</small></p></div>`;
  sendHtml(call, 200, page(title, body, { phone: true, ...(paid && target ? { refreshSeconds: BACK_AFTER_SECONDS, refreshTo: target } : {}) }));
}

function returnLink(url: string | null): Html | string {
  const target = safeLink(url);
  return target ? html`<a class="button quiet wide" href="${target}">Вернуться в магазин</a>` : "";
}

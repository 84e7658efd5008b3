import { sendHtml, type Call } from "../core/http.ts";
import { humanMoment } from "../core/clock.ts";
import { humanRubles } from "../core/money.ts";
import { html, page } from "../core/page.ts";
import type { Cabinet } from "./cabinet.ts";
import type { InvoiceStatus, PaymentStatus } from "./state.ts";

const PAYMENT: Record<PaymentStatus, string> = {
  pending: "ожидает", obtained: "получен", success: "совершён", stuck: "совершён без оповещения", canceled: "отменён",
  failed: "не состоялся", refunding: "возврат в процессе", partially_refunded: "частично возвращён", refunded: "возвращён",
};
const INVOICE: Record<InvoiceStatus, string> = { created: "создан", sent: "отправлен", paid: "оплачен", expired: "просрочен", revoked: "отозван" };
const SHOWN = 100;

/** /paykeeper/: a plain view of the merchant's cabinet. */
export function cabinetPage(cabinet: Cabinet, call: Call): void {
  const { payments, invoices, settings } = cabinet.state;
  const paid = Object.values(payments).sort((a, b) => b.pendingAt - a.pendingAt).slice(0, SHOWN);
  const issued = Object.keys(invoices).map((id) => cabinet.invoice(id)).filter((i) => i !== null).sort((a, b) => b.createdAt - a.createdAt).slice(0, SHOWN);
  const body = html`<h1>PayKeeper</h1>
    <p>Уведомления: ${settings.notifyUrl || "адрес не задан"}</p>
    <h2>Платежи</h2>${paid.length === 0 ? html`<p>Платежей ещё не было.</p>` : html`<div class="card scroll" tabindex="0"><table>
    <tr><th>№</th><th>Когда</th><th>Заказ</th><th>Как</th><th class="num">Сумма</th><th class="num">Возвращено</th><th>Состояние</th><th>Уведомление</th></tr>
    ${paid.map((p) => html`<tr><td>${p.id}</td><td>${humanMoment(p.pendingAt)}</td><td>${p.orderid}</td>
    <td>${p.qrcId ? html`<a href="/nspk/${p.qrcId}">СБП</a>` : `Карта ${p.cardNumber}`}</td><td class="num">${humanRubles(p.amount)}</td><td class="num">${humanRubles(p.refunded)}</td>
    <td>${PAYMENT[p.status]}${p.failReason ? html`<br><small>${p.failReason}</small>` : ""}</td><td>${p.repeatCounter > 0 ? `попыток: ${p.repeatCounter}` : ""}<br><small>${p.lastReply}</small></td></tr>`)}</table></div>`}
    <h2>Счета</h2>${issued.length === 0 ? html`<p>Счетов ещё не было.</p>` : html`<div class="card scroll" tabindex="0"><table>
    <tr><th>№</th><th>Заказ</th><th class="num">Сумма</th><th>Оплатить до</th><th>Состояние</th></tr>
    ${issued.map((i) => html`<tr><td><a href="/paykeeper/bill/${i.id}/">${i.id}</a></td><td>${i.orderid}</td><td class="num">${humanRubles(i.amount)}</td>
    <td>${i.expiresAt === null ? "без срока" : humanMoment(i.expiresAt)}</td><td>${INVOICE[i.status]}</td></tr>`)}</table></div>`}`;
  sendHtml(call, 200, page("PayKeeper", body, { nav: true }));
}

import { formOf, redirect, sendHtml, type Call } from "../core/http.ts";
import { humanRubles } from "../core/money.ts";
import { html, page, safeLink } from "../core/page.ts";
import type { Cabinet } from "./cabinet.ts";
import { MONEY_IN } from "./state.ts";

/** /nspk/<qrcId>: what a bank's application shows after the QR was read. */
export async function bankApp(cabinet: Cabinet, call: Call): Promise<void> {
  const m = /^\/nspk\/([A-Z0-9]{32})\/?$/.exec(call.path);
  const payment = m?.[1] ? cabinet.byQr(m[1]) : null;
  if (!payment) return sendHtml(call, 404, page("QR-код не найден", html`<h1>QR-код не найден</h1>`, { phone: true }));
  const stale = payment.expiresAt !== null && cabinet.now() >= payment.expiresAt;
  if (call.method === "POST") {
    const action = (await formOf(call)).get("action");
    if (payment.status === "pending" && !stale) {
      if (action === "confirm") void cabinet.finish(payment, "success");
      else if (action === "decline") void cabinet.finish(payment, "decline");
    }
    return redirect(call, `/nspk/${payment.qrcId}`);
  }
  const head = html`<p class="soft">Банк «Песочница» · СБП</p><h1>${cabinet.state.settings.shopName}</h1>
    <p>${cabinet.title(payment)}</p><p class="sum">${humanRubles(payment.amount)}</p>`;
  const back = safeLink(payment.returnUrl);
  const body = MONEY_IN.includes(payment.status)
    ? html`<div class="card">${head}<h2 class="ok">Оплачено</h2><p>Деньги отправлены получателю.</p>${back ? html`<a class="button wide" href="${back}">Вернуться в магазин</a>` : ""}</div>`
    : payment.status !== "pending"
      ? html`<div class="card">${head}<h2 class="bad">Оплата отменена</h2><p>${payment.failReason}</p></div>`
      : stale
        ? html`<div class="card">${head}<h2 class="bad">QR-код устарел</h2><p>Попросите магазин показать новый.</p></div>`
        : html`<form class="card" method="post">${head}<p class="soft">Счёт списания: •• 4417, ${"250\u202F000,00\u00A0₽"}</p>
          <button class="wide" name="action" value="confirm">Подтвердить оплату</button>
          <button class="wide quiet" name="action" value="decline">Отказаться</button></form>`;
  sendHtml(call, 200, page("Оплата по QR-коду", body, { phone: true }));
}

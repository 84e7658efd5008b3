import { humanMoment } from "../core/clock.ts";
import { foreignOrigin, formOf, redirect, sendEmpty, sendHtml, type Call } from "../core/http.ts";
import { html, page, safeLink } from "../core/page.ts";
import type { Shop } from "./engine.ts";
import { takeHook } from "./hook.ts";
import { product, PRODUCT_SUM, type ShopOrder } from "./state.ts";

const rubles = (sum: string): string => {
  const [whole = "", kopecks = "00"] = sum.split(".");
  return `${whole.replace(/\B(?=(\d{3})+$)/g, "\u202F")},${kopecks}\u00A0₽`;
};

/** `/shop/…`: the product, the way to payment, the page of thanks, and what the shop knows. */
export async function shopPages(shop: Shop, call: Call): Promise<void> {
  const path = call.path.replace(/\/+$/, "");
  if (path === "/shop/hook") return call.method === "POST" ? takeHook(shop, call) : sendEmpty(call, 405);
  if (call.method !== "GET" && foreignOrigin(call)) return sendEmpty(call, 403);
  if (path === "/shop") return sendHtml(call, 200, storefront());
  if (path === "/shop/buy" && call.method === "POST") return buy(shop, call);
  if (path === "/shop/thanks") return thanks(shop, call);
  if (path === "/shop/orders") return sendHtml(call, 200, backOffice(shop));
  sendHtml(call, 404, page("Не найдено", html`<h1>Страница не найдена</h1>`, { phone: true }));
}

const storefront = (): string => {
  const [item] = product;
  return page(item!.name, html`<div class="card"><p class="soft">Магазин «Маяк»</p><h1>${item!.name}</h1><p>Тёплый свет, тканевый провод, выключатель на корпусе.</p>
    <p class="sum">${rubles(PRODUCT_SUM)}</p><p class="soft">Вместе с доставкой курьером ${rubles(product[1]!.amount)}</p>
    <form method="post" action="/shop/buy"><label for="name">Имя</label><input id="name" name="name" value="Мария Иванова" required maxlength="100" autocomplete="name">
    <label for="email">Почта</label><input id="email" name="email" type="email" value="ivanova@mail.example" required maxlength="64" autocomplete="email">
    <button class="wide">Купить</button></form></div><p><a href="/shop/orders/">Заказы магазина</a></p>`, { phone: true });
};

async function buy(shop: Shop, call: Call): Promise<void> {
  const form = await formOf(call);
  const order = await shop.buy({ name: (form.get("name") ?? "").slice(0, 100), email: (form.get("email") ?? "").slice(0, 64) });
  const payUrl = safeLink(order.payUrl);
  if (payUrl) return redirect(call, payUrl);
  sendHtml(call, 502, page("Оплата недоступна", html`<div class="card"><h1>Заказ №\u00A0${order.number} принят</h1><p>Оплата пока недоступна: ${order.problem}</p><a class="button wide" href="/shop/">Вернуться</a></div>`, { phone: true }));
}

/** Only a verified signature, or a verified webhook, makes an order paid: the address bar proves nothing. */
function thanks(shop: Shop, call: Call): void {
  const query = call.url.searchParams;
  const order = shop.state.orders.find((each) => each.id === query.get("order"));
  if (!order) return sendHtml(call, 404, page("Заказ не найден", html`<h1>Заказ не найден</h1>`, { phone: true }));
  const doubt = shop.distrustReturn(query) ?? (query.get("kp_order") === order.orderId ? null : "подпись от другого заказа");
  if (doubt === null && query.get("kp_status") === "paid" && query.get("kp_amount") === order.amount && !order.paid) {
    Object.assign(order, { paid: true, paidBy: "return" });
    shop.touch();
  }
  const body = html`<div class="card"><p class="soft">Магазин «Маяк»</p><h1>Заказ №\u00A0${order.number}</h1>
    ${order.paid ? html`<h2 class="ok">Спасибо, заказ оплачен</h2><p class="sum">${rubles(order.amount)}</p>` : html`<h2>Ждём оплату</h2>`}
    <p>Подпись возврата: ${doubt === null ? html`<span class="badge ok">верна</span>` : html`<span class="badge bad">${doubt}</span>`}</p>
    ${order.paid || !safeLink(order.payUrl) ? "" : html`<a class="button wide" href="${safeLink(order.payUrl)!}">Оплатить</a>`}
    <a class="button wide quiet" href="/shop/">Продолжить покупки</a></div>`;
  sendHtml(call, 200, page(`Заказ ${order.number}`, body, { phone: true }));
}

const stateOf = (order: ShopOrder) => (order.paid ? html`<span class="badge ok">оплачен</span> <small>${order.paidBy === "return" ? "по возврату покупателя" : "по оповещению"}</small>` : order.problem ? html`<span class="bad">${order.problem}</span>` : "ждёт оплаты");
const outcomes = { booked: "учтено", known: "повтор, уже учтено", refused: "не принято", failed: "сбой" };

function backOffice({ state, webhookUrl }: Shop): string {
  return page("Заказы магазина", html`<h1>Интернет-магазин «Маяк»</h1><p><a href="/shop/">Витрина</a> · оповещения приходят на ${webhookUrl()}</p>
    <h2>Заказы</h2>${state.orders.length === 0 ? html`<p>Заказов ещё не было.</p>` : html`<div class="card scroll" tabindex="0"><table><tr><th>Когда</th><th>Заказ</th><th>Покупатель</th><th class="num">Сумма</th><th>Состояние</th></tr>
    ${state.orders.map((order) => html`<tr><td>${humanMoment(order.at)}</td><td>№\u00A0${order.number}</td><td>${order.name}</td><td class="num">${rubles(order.amount)}</td><td>${stateOf(order)}</td></tr>`)}</table></div>`}
    <h2>Оповещения</h2>${state.hooks.length === 0 ? html`<p>Оповещений ещё не было.</p>` : html`<div class="card scroll" tabindex="0"><table><tr><th>Когда</th><th>Событие</th><th>Ответ</th><th>Что сделано</th></tr>
    ${state.hooks.map((hook) => html`<tr><td>${humanMoment(hook.at)}</td><td>${hook.type || "не прочитано"}<br><small>${hook.id}</small></td><td>${hook.status ?? "обрыв"}</td><td>${hook.outcome === "booked" || hook.outcome === "known" ? html`<span class="ok">${outcomes[hook.outcome]}</span>` : html`<span class="bad">${outcomes[hook.outcome]}: ${hook.why}</span>`}</td></tr>`)}</table></div>`}`, { nav: true });
}

import { formOf, redirect, sendHtml, type Call } from "../core/http.ts";
import { humanMoment } from "../core/clock.ts";
import { humanRubles, kopecks } from "../core/money.ts";
import { html, page, safeLink, type Html } from "../core/page.ts";
import { makeLine } from "../onec/orders.ts";
import type { JsonBases } from "./bases.ts";
import type { JsonBase } from "./engine.ts";
import { addOrder, bookedOf, changed, orderAmount } from "./orders.ts";
import { changeSettings } from "./settings.ts";
import { serviceLog } from "./service-page.ts";
import { bookTable, keyTable, paperTable, runList } from "./tables.ts";
import type { JsonOrder } from "./state.ts";

const SHOWN = 100;
const notFound = (call: Call) => sendHtml(call, 404, page("Не найдено", html`<h1>Страница не найдена</h1>`, { nav: true }));

/** /json/<base>/, …/service/ and …/order/<guid>/. */
export async function jsonPages(bases: JsonBases, call: Call): Promise<void> {
  const [, , name = "", what = "", id = ""] = call.path.split("/");
  const base = bases.find(name);
  if (!base) return notFound(call);
  const order = what === "order" ? base.state.orders[id] : undefined;
  if (call.method === "POST") return order ? changeOrder(base, call, order) : act(base, call);
  if (what === "service") return sendHtml(call, 200, page(`HTTP-сервис: ${base.state.title}`, serviceLog(base), { nav: true }));
  if (order) return sendHtml(call, 200, page(`Заказ ${order.number}`, orderPage(base, order), { nav: true }));
  return what === "" ? sendHtml(call, 200, page(base.state.title, overview(base), { nav: true })) : notFound(call);
}

async function act(base: JsonBase, call: Call): Promise<void> {
  const form = await formOf(call);
  switch (form.get("action")) {
    case "person":
    case "company":
      addOrder(base.state, base.now(), form.get("action") === "company" ? "company" : "person");
      break;
    case "exchange":
      await base.exchange();
      break;
    case "reread":
      await base.reread("0");
      break;
    case "settings":
      changeSettings(base, { scheduleOn: "false", ...Object.fromEntries(form) });
      break;
  }
  base.touch();
  redirect(call, `/json/${base.name}/`);
}

async function changeOrder(base: JsonBase, call: Call, order: JsonOrder): Promise<void> {
  const form = await formOf(call);
  switch (form.get("action")) {
    case "lines":
      order.lines = order.lines.map((line, i) => {
        const price = kopecks((form.get(`price${i}`) ?? "").replace(",", "."));
        return price === null ? line : makeLine(line, line.quantity, price, line.discountPercent);
      });
      break;
    case "post":
      order.posted = !order.posted;
      break;
    case "delete":
      order.deleted = !order.deleted;
      order.posted = !order.deleted;
      break;
    case "cancel":
      order.cancelled = !order.cancelled;
      break;
  }
  changed(order);
  base.touch();
  redirect(call, call.path);
}

function overview(base: JsonBase): Html {
  const { state, name } = base;
  const orders = Object.values(state.orders).sort((a, b) => b.at - a.at || b.number.localeCompare(a.number));
  const last = state.runs[0];
  const s = state.settings;
  return html`<p><a href="/bases/">← Все базы</a></p><h1>${state.title}</h1>
    <p class="soft">База с расширением программиста: JSON-обмен /api/1c/v1 и <a href="/json/${name}/service/">HTTP-сервис</a>. Часы базы: ${humanMoment(base.now())}${s.clockShiftSeconds === 0 ? "" : html`, <span class="bad">сдвинуты на ${s.clockShiftSeconds} с</span>`}</p>
    <form class="row" method="post"><button name="action" value="exchange">Обмен</button><button class="quiet" name="action" value="person">Новый заказ (физлицо)</button>
      <button class="quiet" name="action" value="company">Новый заказ (юрлицо)</button><button class="quiet" name="action" value="reread">Перечитать изменения с начала</button></form>
    ${last ? html`<p role="status">Последний обмен ${humanMoment(last.at)}: ${last.ok ? html`<span class="ok">прошёл</span>` : html`<span class="bad">не прошёл: ${last.error}</span>`}</p>` : html`<p>Обмена ещё не было.</p>`}
    <h2>Заказы клиентов</h2>${orders.length === 0 ? html`<p>Заказов ещё нет. Создайте первый.</p>` : html`<div class="card scroll" tabindex="0"><table>
      <tr><th>Номер</th><th>Покупатель</th><th class="num">Сумма</th><th class="num">Учтено</th><th>Сайт ответил</th><th>Ссылка</th></tr>${orders.slice(0, SHOWN).map((order) => orderRow(base, order))}</table></div>`}
    <h2>Документы, которые база провела</h2>${bookTable(Object.values(state.books))}
    <h2>Переданные бумаги</h2>${paperTable(state.papers)}
    <h2>Учтено ровно один раз</h2>${keyTable(state)}
    <h2>Настройка</h2><form class="card" method="post"><input type="hidden" name="action" value="settings">
      <label for="url">Адрес сайта</label><input id="url" name="siteUrl" value="${s.siteUrl}" size="60" placeholder="http://127.0.0.1:3000">
      <label for="shift">Часы базы врут на, секунд</label><input id="shift" name="clockShiftSeconds" type="number" value="${s.clockShiftSeconds}">
      <label><input type="checkbox" name="scheduleOn" ${s.scheduleOn ? "checked" : ""}>Обмен по расписанию</label><label for="every">Каждые, секунд</label><input id="every" name="scheduleSeconds" type="number" min="1" max="86400" value="${s.scheduleSeconds}">
      <label for="style">Как написан код</label><select id="style" name="style"><option value="careful" ${s.style === "careful" ? "selected" : ""}>аккуратно</option><option value="careless" ${s.style === "careless" ? "selected" : ""}>небрежно: BOM, «1 220,00», «Истина», пустые даты</option></select>
      <p class="soft">Пользователь обмена: ${s.login || base.secrets().login}.</p><button>Записать</button></form>
    <h2>Журнал обменов</h2>${runList(state.runs)}`;
}

function orderRow(base: JsonBase, order: JsonOrder): Html {
  const [amount, booked] = [orderAmount(order), bookedOf(base.state, order.id)];
  const link = safeLink(order.payUrl);
  return html`<tr><td><a href="/json/${base.name}/order/${order.id}/">${order.number}</a><br><small>${humanMoment(order.at)}${order.fromSite ? ", с сайта" : ""}</small></td><td>${order.customer.name}</td><td class="num">${humanRubles(amount)}</td>
    <td class="num">${booked === 0n ? "" : humanRubles(booked)}${booked > amount ? html`<br><span class="badge bad">больше суммы</span>` : ""}</td>
    <td>${order.verdict || "ещё не передан"}${order.version > order.sentVersion && !order.fromSite ? html`<br><small>ждёт обмена</small>` : ""}</td><td>${link ? html`<a href="${link}">оплатить</a>` : ""}</td></tr>`;
}

function orderPage(base: JsonBase, order: JsonOrder): Html {
  return html`<p><a href="/json/${base.name}/">← ${base.state.title}</a></p><h1>Заказ ${order.number}</h1><p>${order.customer.fullName}, версия ${order.version}</p><p class="sum">${humanRubles(orderAmount(order))}</p>
    <p>${order.deleted ? "помечен на удаление" : order.cancelled ? "отменён" : order.posted ? "проведён" : "не проведён"}. Сайт: ${order.verdict || "ещё не передан"}</p>
    <form class="card scroll" tabindex="0" method="post"><table><tr><th>Товар</th><th class="num">Количество</th><th class="num">Цена</th><th class="num">Сумма</th></tr>
      ${order.lines.map((line, i) => html`<tr><td>${line.name}</td><td class="num">${line.quantity}</td><td class="num"><input aria-label="Цена: ${line.name}" name="price${i}" value="${(line.price / 100n).toString()}.${(line.price % 100n).toString().padStart(2, "0")}" size="9"></td><td class="num">${humanRubles(line.sum)}</td></tr>`)}</table>
      <p><button name="action" value="lines">Записать строки</button> <button class="quiet" name="action" value="post">${order.posted ? "Отменить проведение" : "Провести"}</button>
      <button class="quiet" name="action" value="delete">${order.deleted ? "Снять пометку удаления" : "Пометить на удаление"}</button> <button class="quiet" name="action" value="cancel">${order.cancelled ? "Вернуть в работу" : "Отменить"}</button></p></form>
    ${bookTable(Object.values(base.state.books).filter((document) => document.orderId === order.id))}
    ${order.notes.length > 0 ? html`<h2>Заметки</h2><ul>${order.notes.map((one) => html`<li>${one}</li>`)}</ul>` : ""}`;
}

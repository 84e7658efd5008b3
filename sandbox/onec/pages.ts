import { formOf, redirect, sendHtml, type Call } from "../core/http.ts";
import { humanMoment } from "../core/clock.ts";
import { humanRubles, kopecks, lineSum, shortRubles } from "../core/money.ts";
import { html, page, type Html } from "../core/page.ts";
import { changeSettings } from "./control.ts";
import type { OneC } from "./engine.ts";
import { bookBank, changed, makeLine, newCompanyOrder, newPersonOrder, orderTotal, outstanding, ship } from "./orders.ts";
import type { ExchangeReport, OnecOrder } from "./state.ts";

const SHOWN = 100;

/** /onec/ (УТ 11.5) and /onec/unf/ (УНФ 3.0). */
export async function onecPages(onec: OneC, call: Call): Promise<void> {
  const m = /^order\/([0-9a-f-]{36})\/$/.exec(call.path.slice(onec.path.length));
  const order = m?.[1] ? onec.state.orders[m[1]] : undefined;
  if (m && !order) return sendHtml(call, 404, page("Заказ не найден", html`<h1>Заказ не найден</h1>`, { nav: true }));
  if (call.method === "POST") return order ? changeOrder(onec, call, order) : act(onec, call);
  if (order) return sendHtml(call, 200, page(`Заказ ${order.number}`, orderPage(onec, order), { nav: true }));
  if (call.path !== onec.path) return sendHtml(call, 404, page("Не найдено", html`<h1>Страница не найдена</h1>`, { nav: true }));
  sendHtml(call, 200, page(onec.title, overview(onec), { nav: true }));
}

async function act(onec: OneC, call: Call): Promise<void> {
  const form = await formOf(call);
  const now = onec.world.clock.now();
  switch (form.get("action")) {
    case "person":
      newPersonOrder(onec.state, now);
      break;
    case "company":
      newCompanyOrder(onec.state, now);
      break;
    case "exchange":
      await onec.exchange();
      break;
    case "settings":
      changeSettings(onec, { scheduleOn: "false", ...Object.fromEntries(form) });
      break;
  }
  onec.touch();
  redirect(call, onec.path);
}

async function changeOrder(onec: OneC, call: Call, order: OnecOrder): Promise<void> {
  const form = await formOf(call);
  const now = onec.world.clock.now();
  switch (form.get("action")) {
    case "lines":
      order.lines = order.lines.map((l, i) => {
        const price = kopecks((form.get(`price${i}`) ?? "").replace(",", "."));
        const quantity = (form.get(`quantity${i}`) ?? "").replace(",", ".");
        const valid = price !== null && lineSum(price, quantity) !== null && Number(quantity) > 0;
        return { ...(valid ? makeLine(l, quantity, price, l.discountPercent) : l), cancelled: form.get(`cancelled${i}`) === "on" };
      });
      changed(order);
      break;
    case "state": {
      const wanted = (["Ожидается согласование", "К выполнению", "Закрыт"] as const).find((s) => s === form.get("state"));
      if (wanted) order.state = wanted;
      changed(order);
      break;
    }
    case "post":
      order.posted = !order.posted;
      changed(order);
      break;
    case "delete":
      order.deleted = !order.deleted;
      order.posted = !order.deleted;
      changed(order);
      break;
    case "bank":
      if (outstanding(order) > 0n) bookBank(onec.state, order, now, Object.fromEntries(form));
      break;
    case "ship":
      ship(onec.state, order, now);
      break;
  }
  onec.touch();
  redirect(call, call.path);
}

function overview(onec: OneC): Html {
  const { orders, settings: s, exchanges } = onec.state;
  const list = Object.values(orders).sort((a, b) => b.at - a.at || b.number.localeCompare(a.number));
  const last = exchanges[0];
  return html`<p><a href="/bases/">← Все базы</a></p><h1>${onec.title}</h1>
    <form class="row" method="post" action="${onec.path}"><button name="action" value="exchange">Обмен</button>
      <button class="quiet" name="action" value="person">Новый заказ (физлицо)</button><button class="quiet" name="action" value="company">Новый заказ (юрлицо)</button></form>
    ${last ? html`<p role="status">Последний обмен ${humanMoment(last.at)}: ${last.ok ? html`<span class="ok">прошёл</span>` : html`<span class="bad">не прошёл: ${last.error}</span>`}</p>` : html`<p>Обмена ещё не было.</p>`}
    <h2>Заказы клиентов</h2>${list.length === 0 ? html`<p>Заказов ещё нет. Создайте первый.</p>` : html`<div class="card scroll" tabindex="0"><table>
    <tr><th>Номер</th><th>Покупатель</th><th class="num">Сумма</th><th>Состояние</th><th>Оплата и отгрузка</th><th>Обмен</th></tr>${list.slice(0, SHOWN).map((order) => orderRow(onec, order))}</table></div>`}
    <h2>Отражённые оплаты</h2>${paymentTable(list)}
    <h2>Узел обмена</h2><form class="card" method="post" action="${onec.path}"><input type="hidden" name="action" value="settings">
      <label for="url">Адрес сайта</label><input id="url" name="exchangeUrl" value="${s.exchangeUrl}" size="60" placeholder="http://127.0.0.1:3000">
      <label for="shift">Часы базы врут на, секунд</label><input id="shift" name="clockShiftSeconds" type="number" value="${s.clockShiftSeconds}">
      <label><input type="checkbox" name="scheduleOn" ${s.scheduleOn ? "checked" : ""}>Обмен по расписанию</label>
      <label for="every">Каждые, секунд</label><input id="every" name="scheduleSeconds" type="number" min="1" max="86400" value="${s.scheduleSeconds}">
      <p class="soft">Пользователь обмена: ${s.login || onec.login()}. Без пути в адресе 1С обращается к /bitrix/admin/1c_exchange.php.</p><button>Записать</button></form>
    <h2>Журнал обменов</h2>${exchanges.map(report)}`;
}

function orderRow(onec: OneC, o: OnecOrder): Html {
  const paid = o.payments.length > 0 && outstanding(o) <= 0n;
  return html`<tr><td><a href="${onec.path}order/${o.id}/">${o.number}</a>${o.siteNumber === o.number ? "" : html`<br><small>на сайте: ${o.siteNumber || "нет"}</small>`}<br><small>${humanMoment(o.at)}</small></td>
    <td>${o.buyer.name}</td><td class="num">${humanRubles(orderTotal(o))}</td>
    <td>${o.state}<br><small>${o.deleted ? "помечен на удаление" : o.posted ? "проведён" : "не проведён"}</small></td>
    <td>${paid ? html`<span class="badge ok">оплачен</span>` : o.payments.length > 0 ? "оплачен частично" : ""}${o.shipment ? html` <span class="badge">отгружен</span>` : ""}</td>
    <td>${o.siteNumber === "" ? "не передаётся" : o.version > o.sentVersion ? "ждёт обмена" : html`<span class="ok">передан</span>`}${o.notes.length > 0 ? html`<br><small>${o.notes.at(-1)}</small>` : ""}</td></tr>`;
}

function paymentTable(orders: OnecOrder[]): Html {
  const rows = orders.flatMap((o) => o.payments.map((p) => ({ o, p }))).sort((a, b) => b.p.at - a.p.at).slice(0, SHOWN);
  if (rows.length === 0) return html`<p>Оплат ещё не было.</p>`;
  return html`<div class="card scroll" tabindex="0"><table><tr><th>Документ</th><th>Номер</th><th>Дата</th><th>Заказ</th><th>Метод</th><th class="num">Сумма</th></tr>
    ${rows.map(({ o, p }) => html`<tr><td>${p.kind}</td><td>${p.number}</td><td>${humanMoment(p.at)}</td><td>${o.number}</td><td>${p.method}</td><td class="num">${humanRubles(p.sum)}</td></tr>`)}</table></div>`;
}

function orderPage(onec: OneC, o: OnecOrder): Html {
  return html`<p><a href="${onec.path}">← Все заказы</a></p><h1>Заказ ${o.number}</h1>
    <p>${o.buyer.fullName}${o.buyer.inn ? html`, ИНН ${o.buyer.inn}${o.buyer.kpp ? html`, КПП ${o.buyer.kpp}` : ""}` : ""}</p>
    <p class="sum">${humanRubles(orderTotal(o))}</p><p>${o.state}, ${o.deleted ? "помечен на удаление" : o.posted ? "проведён" : "не проведён"}. Осталось оплатить: ${humanRubles(outstanding(o))}</p>
    <form class="card scroll" tabindex="0" method="post"><table><tr><th>Товар</th><th class="num">Цена</th><th class="num">Количество</th><th class="num">Скидка, %</th><th class="num">НДС, %</th><th class="num">Сумма</th><th>Отменена</th></tr>
    ${o.lines.map((l, i) => html`<tr><td>${l.name}<br><small>${l.kind} ${l.article}</small></td>
      <td class="num"><input aria-label="Цена: ${l.name}" name="price${i}" value="${shortRubles(l.price)}" size="9"></td><td class="num"><input aria-label="Количество: ${l.name}" name="quantity${i}" value="${l.quantity}" size="6"></td>
      <td class="num">${l.discountPercent}</td><td class="num">${l.vat}</td><td class="num">${humanRubles(l.sum)}</td><td><input type="checkbox" aria-label="Отменена: ${l.name}" name="cancelled${i}" ${l.cancelled ? "checked" : ""}></td></tr>`)}</table>
      <p><button name="action" value="lines">Записать строки</button></p></form>
    <form class="card row" method="post"><div><label for="state">Состояние</label><select id="state" name="state">${["Ожидается согласование", "К выполнению", "Закрыт"].map((s) => html`<option ${s === o.state ? "selected" : ""}>${s}</option>`)}</select></div>
      <button name="action" value="state">Записать</button><button class="quiet" name="action" value="post">${o.posted ? "Отменить проведение" : "Провести"}</button>
      <button class="quiet" name="action" value="delete">${o.deleted ? "Снять пометку удаления" : "Пометить на удаление"}</button><button class="quiet" name="action" value="ship">Отгрузить</button></form>
    <form class="card row" method="post"><div><label for="number">Номер платёжного документа</label><input id="number" name="number" maxlength="20"></div>
      <div><label for="sum">Сумма, ₽</label><input id="sum" name="sum" inputmode="decimal" placeholder="${shortRubles(outstanding(o))}"></div><button name="action" value="bank">Отразить банковскую оплату</button></form>
    ${paymentTable([o])}${o.shipment ? html`<p>Отгрузка ${o.shipment.number} от ${humanMoment(o.shipment.at)}</p>` : ""}
    ${o.notes.length > 0 ? html`<h2>Заметки обмена</h2><ul>${o.notes.map((n) => html`<li>${n}</li>`)}</ul>` : ""}`;
}

function report(r: ExchangeReport): Html {
  const l = r.loaded;
  return html`<details class="card"><summary>${humanMoment(r.at)} · ${r.ok ? html`<span class="ok">прошёл</span>` : html`<span class="bad">не прошёл</span>`} · передано ${r.uploaded.length}, отражено оплат ${l?.booked.length ?? 0}</summary>
    ${r.error ? html`<p class="bad">${r.error}</p>` : ""}
    ${l ? html`<p>Создано: ${l.created.join(", ") || "—"}. Обновлено: ${l.updated.join(", ") || "—"}. Пропущено: ${l.skipped.map((x) => `${x.number} (${x.why})`).join(", ") || "—"}.
      ${l.damaged.length > 0 ? html`<span class="bad">Строки изменены сайтом: ${l.damaged.join(", ")}.</span>` : ""} ${l.warnings.join("; ")}</p>` : ""}
    ${r.steps.map((s) => html`<p><code>${s.request}</code> → ${s.status ?? ""} <span class="bad">${s.error}</span></p>${s.answer ? html`<pre>${s.answer}</pre>` : ""}`)}</details>`;
}

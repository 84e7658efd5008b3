import { formOf, redirect, sendHtml, type Call } from "../core/http.ts";
import { humanMoment } from "../core/clock.ts";
import { humanRubles } from "../core/money.ts";
import { html, page, safeLink, type Html } from "../core/page.ts";
import { changeSettings } from "./control.ts";
import type { BillBase } from "./engine.ts";
import { patchRow } from "./rows.ts";
import type { BillRow, BillRun } from "./state.ts";

/** /bills/: the base with the published code for PayKeeper. */
export async function billPages(base: BillBase, call: Call): Promise<void> {
  if (call.path !== "/bills/") return sendHtml(call, 404, page("Не найдено", html`<h1>Страница не найдена</h1>`, { nav: true }));
  if (call.method !== "POST") return sendHtml(call, 200, page("1С с кодом PayKeeper", overview(base), { nav: true }));
  const form = await formOf(call);
  switch (form.get("action")) {
    case "row":
      patchRow(base.state, base.now(), Object.fromEntries([...form].filter(([, value]) => value !== "")));
      break;
    case "send":
      await base.send();
      break;
    case "again":
      await base.send(true);
      break;
    case "poll":
      await base.poll();
      break;
    case "settings":
      changeSettings(base, { scheduleOn: "false", keepHeaders: "false", expectContinue: "false", ...Object.fromEntries(form) });
      break;
  }
  base.touch();
  redirect(call, "/bills/");
}

function overview(base: BillBase): Html {
  const { state } = base;
  const s = state.settings;
  const input = (name: string, label: string, placeholder: string) => html`<div><label for="${name}">${label}</label><input id="${name}" name="${name}" placeholder="${placeholder}"></div>`;
  return html`<p><a href="/bases/">← Все базы</a></p><h1>1С с кодом PayKeeper</h1><p class="soft">Опубликованный код выставления счетов: изменены только адрес, пользователь и пароль. Тело запроса не кодируется.</p>
    <form class="row" method="post"><button name="action" value="send">Выставить счета</button><button class="quiet" name="action" value="again">Отправить все ещё раз</button><button class="quiet" name="action" value="poll">Узнать об оплатах</button></form>
    <form class="card row" method="post"><input type="hidden" name="action" value="row">${input("clientid", "Покупатель", "Иванов Иван")}${input("orderid", "Заказ", "123-1")}${input("service_name", "Услуга", "Доставка & сборка 100%")}
      ${input("client_email", "Почта", "test@yourdomain.com")}${input("pay_amount", "Сумма", "100.03")}${input("expiry", "Срок", "2026-12-31")}<button class="quiet">Добавить строку</button></form>
    <h2>Счета</h2>${state.rows.length === 0 ? html`<p>Строк ещё нет.</p>` : html`<div class="card scroll" tabindex="0"><table><tr><th>Заказ</th><th>Покупатель</th><th>Услуга</th><th class="num">Сумма</th><th>Счёт</th><th>Состояние</th></tr>${[...state.rows].reverse().slice(0, 100).map(row)}</table></div>`}
    <h2>Документы об оплате</h2>${state.documents.length === 0 ? html`<p>Документов ещё нет.</p>` : html`<div class="card scroll" tabindex="0"><table><tr><th>Номер</th><th>Заказ</th><th>Счёт</th><th>Оплачен</th><th class="num">Сумма</th></tr>
      ${[...state.documents].reverse().slice(0, 100).map((d) => html`<tr><td>${d.number}</td><td>${d.orderid}</td><td>${d.invoiceId}</td><td>${d.paidAt}</td><td class="num">${humanRubles(d.sum)}</td></tr>`)}</table></div>`}
    <h2>Настройка</h2><form class="card" method="post"><input type="hidden" name="action" value="settings"><label for="url">Адрес сервера</label><input id="url" name="siteUrl" value="${s.siteUrl}" size="60">
      <label><input type="checkbox" name="keepHeaders" ${s.keepHeaders ? "checked" : ""}>Content-Type есть и у send</label><label><input type="checkbox" name="expectContinue" ${s.expectContinue ? "checked" : ""}>Expect: 100-continue</label>
      <label><input type="checkbox" name="scheduleOn" ${s.scheduleOn ? "checked" : ""}>По расписанию</label><p class="soft">Пользователь: ${s.login || base.secrets().login}</p><button>Записать</button></form>
    <h2>Журнал</h2>${state.runs.map(journal)}`;
}

function row(r: BillRow): Html {
  const link = safeLink(r.invoiceUrl);
  return html`<tr><td>${r.orderid || "без номера"}</td><td>${r.clientid}</td><td>${r.service_name}</td><td class="num">${r.pay_amount}</td><td>${link ? html`<a href="${link}">${r.invoiceId}</a>` : r.invoiceId}</td><td>${r.status || "не выставлен"}${r.says.length > 0 ? html`<br><small class="bad">${r.says.at(-1)}</small>` : ""}</td></tr>`;
}

const journal = (r: BillRun): Html => html`<details class="card"><summary>${humanMoment(r.at)} · ${r.ok ? html`<span class="ok">прошёл</span>` : html`<span class="bad">не прошёл</span>`} · счетов ${r.sent}, оплат ${r.booked}</summary>${r.error ? html`<p class="bad">${r.error}</p>` : ""}
  ${r.steps.map((step) => html`<p><code>${step.request}</code> → ${step.status ?? ""} <span class="bad">${step.error}</span></p>${step.answer ? html`<pre>${step.answer}</pre>` : ""}`)}</details>`;

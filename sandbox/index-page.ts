import { FAULTS, type FaultTarget } from "./core/faults.ts";
import { sendHtml, type Call } from "./core/http.ts";
import { humanMoment } from "./core/clock.ts";
import { html, page, type Html } from "./core/page.ts";
import type { Sides } from "./routes.ts";

const SIDE: Record<FaultTarget, string> = { paykeeper: "PayKeeper", orange: "Orange Data", onec: "1С, типовой обмен", json: "1С, JSON и HTTP-сервис", bills: "1С с кодом PayKeeper", shop: "Интернет-магазин" };

/** /: where everything is, and the fault switches. */
export function indexPage({ world, cabinet, orange, onec, jsonBases, mailbox, shop }: Sides, call: Call): void {
  const link = (to: string, name: string, text: string | Html) => html`<div class="card"><h2><a href="${to}">${name}</a></h2><p>${text}</p></div>`;
  const armed = world.faults.list();
  const body = html`<h1>Песочница Копейки</h1>
    <p class="soft">Внешний мир в коробке: банк, касса, 1С и почта говорят настоящими протоколами, но только внутри этого компьютера.</p>
    <div class="grid">
      ${link("/paykeeper/", "PayKeeper", `Счета, платежи, страница оплаты. Платежей: ${Object.keys(cabinet.state.payments).length}`)}
      ${link("/ofd/", "Касса и ОФД", `Orange Data и чеки. Чеков: ${Object.keys(orange.state.documents).length}`)}
      ${link("/bases/", "Базы 1С", `Все базы рядом: что каждая учла. Баз с JSON-обменом: ${jsonBases.list().length}`)}
      ${link("/onec/", "1С: УТ 11.5", `Типовой обмен: заказы и оплаты. Заказов: ${Object.keys(onec.state.orders).length}`)}
      ${link("/onec/unf/", "1С: УНФ 3.0", "Типовой обмен с подчинёнными документами: частичные оплаты и возвраты")}
      ${link("/shop/", "Интернет-магазин", html`Витрина с одним товаром и оплатой. <a href="/shop/orders/">Заказов: ${shop.state.orders.length}</a>`)}
      ${link("/mail/", "Почта", `Письма покупателям и сотрудникам. Писем: ${mailbox.list().length}`)}
      ${link("/log/", "Журнал", "Последние события песочницы")}
    </div>
    <h2>Неисправности</h2>
    ${armed.length === 0 ? html`<p>Всё исправно.</p>` : html`<div class="card scroll" tabindex="0"><table><tr><th>Где</th><th>Что</th><th class="num">Осталось</th></tr>
      ${armed.map((f) => html`<tr><td>${SIDE[f.target]}</td><td>${FAULTS[f.target][f.fault]}</td><td class="num">${f.until !== null ? `до ${humanMoment(f.until)}` : f.times < 0 ? "всегда" : f.times}</td></tr>`)}</table>
      <form class="row" method="post" action="/_ctl/reset"><button class="quiet">Всё починить</button></form></div>`}
    ${(Object.keys(FAULTS) as FaultTarget[]).map((target) => faultForm(target))}
    <h2>Часы песочницы</h2>
    <p>${humanMoment(world.clock.now())} (МСК)${world.clock.offsetMs() === 0 ? "" : html`, <span class="bad">сдвинуты на ${Math.round(world.clock.offsetMs() / 1000)} с</span>`}</p>
    <form class="row" method="post" action="/_ctl/clock"><div><label for="shift">Сдвинуть на, секунд</label><input id="shift" name="shiftSeconds" type="number" value="3600" required></div><button>Сдвинуть</button><button class="quiet" name="reset" value="1" formnovalidate>Вернуть настоящее время</button></form>
    <h2>Начать заново</h2>
    <form class="row" method="post" action="/_ctl/reset"><button class="quiet" name="data" value="1">Стереть платежи, чеки, заказы и письма песочницы</button></form>`;
  sendHtml(call, 200, page("Песочница Копейки", body));
}

function faultForm(target: FaultTarget): Html {
  const id = (name: string) => `${target}-${name}`;
  return html`<form class="card row" method="post" action="/_ctl/fault"><input type="hidden" name="target" value="${target}">
    <div><label for="${id("fault")}">${SIDE[target]}</label><select id="${id("fault")}" name="fault">${Object.entries(FAULTS[target]).map(([name, text]) => html`<option value="${name}">${text}</option>`)}</select></div>
    <div><label for="${id("times")}">Сколько раз (−1 всегда)</label><input id="${id("times")}" name="times" type="number" min="-1" max="10000" placeholder="1" style="width:120px"></div>
    ${target === "onec" ? "" : html`<div><label for="${id("seconds")}">Секунд</label><input id="${id("seconds")}" name="seconds" type="number" min="0" style="width:110px"></div>`}
    ${target === "paykeeper" ? html`<div><label for="${id("n")}">Сколько сразу (n)</label><input id="${id("n")}" name="n" type="number" min="2" max="50" placeholder="5" style="width:90px"></div>` : ""}
    <button>Включить</button></form>`;
}

/** /log/: the last events, newest first. */
export function logPage({ world }: Sides, call: Call): void {
  const rows = world.entries().slice(-200).reverse().map((e) => html`<tr><td>${e.at}</td><td>${e.side}</td><td>${e.event}</td><td><small>${JSON.stringify(e.detail)}</small></td></tr>`);
  const body = html`<h1>Журнал</h1>${rows.length === 0 ? html`<p>Событий ещё не было.</p>` : html`<div class="card scroll" tabindex="0"><table><tr><th>Когда</th><th>Кто</th><th>Что</th><th>Подробности</th></tr>${rows}</table></div>`}`;
  sendHtml(call, 200, page("Журнал", body, { nav: true }));
}

import { sendHtml, type Call } from "../core/http.ts";
import { humanRubles } from "../core/money.ts";
import { html, page, type Html } from "../core/page.ts";
import { bookedOf, orderAmount } from "../json-base/orders.ts";
import { countKeys } from "../json-base/tables.ts";
import type { OneC } from "../onec/engine.ts";
import { outstanding } from "../onec/orders.ts";
import type { Sides } from "../routes.ts";

type Row = { href: string; title: string; how: string; orders: number; documents: number; sum: bigint; twice: number; over: number };

/** /bases/: every pretended 1C base with its own books, side by side. */
export function basesPage(sides: Sides, call: Call): void {
  const rows = [stockRow(sides.onec), stockRow(sides.unf), ...jsonRows(sides), billRow(sides)];
  sendHtml(call, 200, page("Базы 1С", html`<h1>Базы 1С</h1><p class="soft">У каждой базы свои заказы, часы и учёт. Деньги одного заказа должны быть учтены ровно один раз.</p>
    <div class="card scroll" tabindex="0"><table><tr><th>База</th><th>Обмен</th><th class="num">Заказов</th><th class="num">Документов об оплате</th><th class="num">На сумму</th><th class="num">Учтено дважды</th><th class="num">Больше суммы заказа</th></tr>${rows.map(row)}</table></div>`, { nav: true }));
}

const alarm = (count: number): Html => html`<span class="badge ${count === 0 ? "ok" : "bad"}">${count}</span>`;
const row = (r: Row): Html => html`<tr><td><a href="${r.href}">${r.title}</a></td><td>${r.how}</td><td class="num">${r.orders}</td><td class="num">${r.documents}</td><td class="num">${humanRubles(r.sum)}</td><td class="num">${alarm(r.twice)}</td><td class="num">${alarm(r.over)}</td></tr>`;

function stockRow(onec: OneC): Row {
  const orders = Object.values(onec.state.orders);
  const payments = orders.flatMap((order) => order.payments);
  const numbers = new Set(payments.map((payment) => payment.number));
  return {
    href: onec.path, title: onec.title, how: "типовой «Обмен с сайтом»", orders: orders.length, documents: payments.length, sum: payments.reduce((all, payment) => all + payment.sum, 0n),
    twice: payments.length - numbers.size, over: orders.filter((order) => order.payments.length > 0 && outstanding(order) < 0n).length,
  };
}

function jsonRows({ jsonBases }: Sides): Row[] {
  return jsonBases.list().map(({ name, state }) => {
    const documents = Object.values(state.books);
    return {
      href: `/json/${name}/`, title: state.title, how: "JSON и HTTP-сервис", orders: Object.keys(state.orders).length, documents: documents.length, sum: documents.reduce((all, document) => all + document.sum, 0n),
      twice: countKeys(state).filter((one) => one.booked > 1).length, over: Object.values(state.orders).filter((order) => bookedOf(state, order.id) > orderAmount(order)).length,
    };
  });
}

function billRow({ bills: { state } }: Sides): Row {
  const paid = state.documents;
  return {
    href: "/bills/", title: "1С с кодом PayKeeper", how: "счета через JSON API PayKeeper", orders: state.rows.length, documents: paid.length, sum: paid.reduce((all, document) => all + document.sum, 0n),
    twice: paid.length - new Set(paid.map((document) => document.invoiceId)).size, over: 0,
  };
}

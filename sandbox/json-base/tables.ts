import { humanMoment } from "../core/clock.ts";
import { humanRubles } from "../core/money.ts";
import { html, type Html } from "../core/page.ts";
import type { BookedDocument, JsonBaseState, Paper, RunReport } from "./state.ts";

const SHOWN = 100;

export function bookTable(documents: readonly BookedDocument[]): Html {
  if (documents.length === 0) return html`<p>Документов ещё нет.</p>`;
  const rows = [...documents].sort((a, b) => b.at - a.at || b.number.localeCompare(a.number)).slice(0, SHOWN);
  return html`<div class="card scroll" tabindex="0"><table><tr><th>Документ</th><th>Номер</th><th>Заказ</th><th class="num">Сумма</th><th>Подробности</th></tr>
    ${rows.map((d) => html`<tr><td>${d.document}<br><small>${humanMoment(d.at)}</small></td><td>${d.number}</td><td>${d.orderNumber}</td><td class="num">${humanRubles(d.sum)}</td><td><small>${d.note}</small></td></tr>`)}</table></div>`;
}

export type KeyCount = { key: string; type: string; orderNumber: string; changes: number; push: number; booked: number; refused: number; last: number };

/** How often each event came by each way, and how many times it was written. */
export function countKeys({ arrivals }: Pick<JsonBaseState, "arrivals">): KeyCount[] {
  const counts = new Map<string, KeyCount>();
  for (const { key, type, orderNumber, way, outcome, at } of arrivals) {
    const one = counts.get(key) ?? { key, type, orderNumber, changes: 0, push: 0, booked: 0, refused: 0, last: at };
    one[way] += 1;
    if (outcome === "booked" || outcome === "noted") one.booked += 1;
    if (outcome === "refused") one.refused += 1;
    one.last = at;
    counts.set(key, one);
  }
  return [...counts.values()];
}

export function keyTable(state: JsonBaseState): Html {
  const counts = countKeys(state);
  if (counts.length === 0) return html`<p>Событий ещё не было.</p>`;
  const twice = counts.filter((one) => one.booked > 1).length;
  const never = counts.filter((one) => one.booked === 0).length;
  return html`<p>Событий ${counts.length}, записаны дважды ${twice > 0 ? html`<span class="bad">${twice}</span>` : html`<span class="ok">0</span>`}, не записаны ${never > 0 ? html`<span class="bad">${never}</span>` : html`<span class="ok">0</span>`}.</p>
    <div class="card scroll" tabindex="0"><table><tr><th>Ключ</th><th>Событие</th><th>Заказ</th><th class="num">Забрано</th><th class="num">Прислано</th><th class="num">Отказов</th><th class="num">Записано</th></tr>
    ${counts.sort((a, b) => b.last - a.last).slice(0, SHOWN).map((one) => html`<tr><td><code>${one.key}</code></td><td>${one.type}</td><td>${one.orderNumber}</td><td class="num">${one.changes}</td><td class="num">${one.push}</td><td class="num">${one.refused || ""}</td>
      <td class="num"><span class="badge ${one.booked === 1 ? "ok" : "bad"}">${one.booked}</span></td></tr>`)}</table></div>`;
}

export function runList(runs: readonly RunReport[]): Html {
  if (runs.length === 0) return html`<p>Обмена ещё не было.</p>`;
  return html`${runs.map((run) => html`<details class="card"><summary>${humanMoment(run.at)} · ${run.ok ? html`<span class="ok">прошёл</span>` : html`<span class="bad">не прошёл</span>`} · заказов ${run.sent.length}, документов ${run.booked.length}, известных событий ${run.known}</summary>
    ${run.error ? html`<p class="bad">${run.error}</p>` : ""}${run.warnings.length > 0 ? html`<p class="bad">${run.warnings.join("; ")}</p>` : ""}
    ${run.sent.length > 0 ? html`<p>${run.sent.map((one) => `${one.number}: ${one.status}${one.msg ? ` (${one.msg})` : ""}`).join("; ")}</p>` : ""}
    ${run.steps.map((step) => html`<p><code>${step.request}</code> → ${step.status ?? ""} <span class="bad">${step.error}</span></p>${step.answer ? html`<pre>${step.answer}</pre>` : ""}`)}</details>`)}`;
}

const PAPER: Record<Paper["kind"], string> = { shipment: "Отгрузка", return: "Возврат товара", counterparty: "Контрагент", refund: "Просьба о возврате денег", document: "Файл документа", statement: "Выписка" };

export function paperTable(papers: readonly Paper[]): Html {
  if (papers.length === 0) return html`<p>Отгрузок, возвратов и документов ещё не передавали.</p>`;
  return html`<div class="card scroll" tabindex="0"><table><tr><th>Что</th><th>Номер</th><th>Заказ</th><th>Сайт ответил</th></tr>
    ${papers.slice(0, SHOWN).map((p) => html`<tr><td>${PAPER[p.kind]}<br><small>${humanMoment(p.at)}</small></td><td>${p.number}</td><td>${p.orderNumber}</td><td>${p.verdict || "ответа нет"}</td></tr>`)}</table></div>`;
}

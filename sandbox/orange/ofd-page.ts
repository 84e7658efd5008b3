import { encode } from "iconv-lite";
import { toString as qrSvg } from "qrcode";
import { sendHtml, type Call } from "../core/http.ts";
import { humanRubles, lineSum, rubles, vatInside } from "../core/money.ts";
import { Html, html, page } from "../core/page.ts";
import { humanMoment } from "../core/clock.ts";
import type { Kkt } from "./register.ts";
import type { FiscalData, OrangeState, StoredDocument } from "./state.ts";
import { isObject, money } from "./validate.ts";

const TYPES = ["", "Приход", "Возврат прихода", "Расход", "Возврат расхода"];
const SYSTEMS = ["ОСН", "УСН доход", "УСН доход − расход", "ЕНВД", "ЕСХН", "Патент"];
const METHODS = ["", "Предоплата 100 %", "Предоплата", "Аванс", "Полный расчёт", "Частичный расчёт и кредит", "Передача в кредит", "Оплата кредита"];
const PAYMENTS: Record<number, string> = { 1: "Наличными", 2: "Безналичными", 14: "Предоплата (аванс)", 15: "Постоплата (кредит)", 16: "Иная форма оплаты" };

/** Names of `tax` codes; the general rate is 22 % since 2026 unless the receipt asks for 20 %. */
export function taxName(code: number, tax20: boolean): string {
  const general = tax20 ? "20" : "22";
  const names = ["", `НДС ${general} %`, "НДС 10 %", `НДС ${general}/1${general}`, "НДС 10/110", "НДС 0 %", "Без НДС", "НДС 5 %", "НДС 7 %", "НДС 5/105", "НДС 7/107"];
  return names[code] ?? "";
}

const RATES: Record<number, bigint> = { 1: 22n, 2: 10n, 3: 22n, 4: 10n, 5: 0n, 6: 0n, 7: 5n, 8: 7n, 9: 5n, 10: 7n };

/** What the register prints: signs outside CP866 vanish silently (5.6). */
export function printed(text: string): string {
  return [...text].filter((c) => c === "?" || encode(c, "cp866").toString("latin1") !== "?").join("");
}

export function fiscalQr(fiscal: FiscalData, total: bigint, type: number): string {
  return `t=${fiscal.processedAt.slice(0, 16).replace(/[-:]/g, "")}&s=${rubles(total)}&fn=${fiscal.fsNumber}&i=${fiscal.documentNumber}&fp=${fiscal.fp}&n=${type}`;
}

/** /ofd/<inn>/<id>: the receipt as a fiscal data operator shows it to the buyer. */
export async function ofdPages(state: OrangeState, kkt: Kkt, call: Call): Promise<void> {
  const m = /^\/ofd\/(\d{10,12})\/([A-Za-z0-9_-]{1,64})\/?$/.exec(call.path);
  if (!m) return listReceipts(state, call);
  const d = kkt.find(m[1] ?? "", m[2] ?? "");
  if (!d) return sendHtml(call, 404, page("Чек не найден", html`<h1>Чек не найден</h1><p>Проверьте адрес.</p>`, { phone: true }));
  if (!d.fiscal) {
    const body = html`<div class="card"><h1>Чек обрабатывается</h1><p>Документ принят и ждёт кассу. Страница обновляется сама.</p></div>`;
    return sendHtml(call, 200, page("Чек обрабатывается", body, { phone: true, refreshSeconds: 2 }));
  }
  sendHtml(call, 200, page("Кассовый чек", await receipt(state, d, d.fiscal), { phone: true }));
}

async function receipt(state: OrangeState, d: StoredDocument, fiscal: FiscalData): Promise<Html> {
  const c = d.content;
  const type = Number(c.type);
  const positions = Array.isArray(c.positions) ? c.positions.filter(isObject) : [];
  const totals = new Map<string, bigint>();
  const lines = positions.map((p) => {
    const sum = lineSum(money(p.price) ?? 0n, String(p.quantity)) ?? 0n;
    const code = Number(p.tax);
    const name = taxName(code, c.useTax20 === true);
    const rate = code === 1 || code === 3 ? (c.useTax20 === true ? 20n : 22n) : (RATES[code] ?? 0n);
    const vat = rate === 0n ? sum : vatInside(sum, rate);
    totals.set(name, (totals.get(name) ?? 0n) + vat);
    return html`<tr><td>${printed(String(p.text))}<br><small>${METHODS[Number(p.paymentMethodType ?? 4)] ?? ""} · ${name}<br>${String(p.quantity).replace(".", ",")} × ${humanRubles(money(p.price) ?? 0n)}</small></td><td class="num">${humanRubles(sum)}</td></tr>`;
  });
  const close = isObject(c.checkClose) ? c.checkClose : {};
  const payments = Array.isArray(close.payments) ? close.payments.filter(isObject) : [];
  const system = Number(close.taxationSystem ?? c.taxationSystem);
  const svg = new Html(await qrSvg(fiscalQr(fiscal, d.total, type), { type: "svg", margin: 1 }));
  const org = state.organizations.find((o) => o.inn === d.inn);
  const row = (name: string, value: string | number) => html`<tr><td class="soft">${name}</td><td class="num">${value}</td></tr>`;
  return html`<div class="card"><p class="soft">ОФД «Песочница»</p>
    <h1>${d.kind === "documents" ? "Кассовый чек" : "Кассовый чек коррекции"}</h1>
    <p><b>${org?.name ?? ""}</b><br>ИНН ${d.inn}</p><p><span class="badge">${TYPES[type] ?? ""}</span></p>
    <div class="scroll"><table>${lines}</table></div>
    <p>Итого</p><p class="sum">${humanRubles(d.total)}</p>
    <table>${payments.map((p) => row(PAYMENTS[Number(p.type)] ?? "", humanRubles(money(p.amount) ?? 0n)))}
    ${[...totals].map(([name, sum]) => row(name, humanRubles(sum)))}
    ${row("СНО", SYSTEMS[system] ?? "")}${row("Покупатель", String(c.customerContact ?? ""))}
    ${row("Дата", fiscal.processedAt.replace(/^(\d+)-(\d+)-(\d+)T/, "$3.$2.$1 "))}${row("Смена / чек", `${fiscal.shiftNumber} / ${fiscal.documentIndex}`)}
    ${row("РН ККТ", fiscal.deviceRN)}${row("ФН", fiscal.fsNumber)}${row("ФД", fiscal.documentNumber)}${row("ФП", fiscal.fp)}
    ${row("ФФД", c.ffdVersion === 4 ? "1.2" : "1.05")}</table>
    <div class="qr">${svg}</div><p class="soft"><small>Документ ${d.id}. Песочница: чек не имеет силы.</small></p></div>`;
}

function listReceipts(state: OrangeState, call: Call): void {
  const docs = Object.values(state.documents).sort((a, b) => b.takenAt - a.takenAt).slice(0, 200);
  const stateOf = (d: StoredDocument) => (d.fiscal ? html`<span class="badge ok">пробит, ФД ${d.fiscal.documentNumber}</span>` : html`<span class="badge">${d.fate === "done" ? "в очереди" : d.fate === "pending" ? "202 без конца" : `кончится ${d.fate}`}</span>`);
  const body = html`<h1>Касса и ОФД</h1>${docs.length === 0 ? html`<p>Чеков ещё не было.</p>` : html`<div class="card scroll" tabindex="0"><table>
    <tr><th>Принят</th><th>Документ</th><th>Вид</th><th class="num">Сумма</th><th>Состояние</th></tr>
    ${docs.map((d) => html`<tr><td>${humanMoment(d.takenAt)}</td><td><a href="/ofd/${d.inn}/${encodeURIComponent(d.id)}">${d.id}</a><br><small>ИНН ${d.inn}, ${d.group}</small></td>
    <td>${TYPES[Number(d.content.type)] ?? ""}</td><td class="num">${humanRubles(d.total)}</td><td>${stateOf(d)}</td></tr>`)}</table></div>`}`;
  sendHtml(call, 200, page("Касса и ОФД", body, { nav: true }));
}

/**
 * W2: a CommerceML file of orders of five lines through the stock exchange, as 1C sends it, of 10 000 and of 100 000 orders, each on a
 * copy of its own. Floor of the same run: a bare streaming parse of the same bytes (saxes with empty handlers).
 */
import { SaxesParser } from "saxes";
import { Client } from "undici";
import { bareCopy } from "./bare-copy.ts";
import { prepareBase } from "./prepare-base.ts";
import { machine, peakRssMb, share, startBenchApp } from "./harness.ts";
import type { BenchApp } from "./harness.ts";

const [LOGIN, PASSWORD] = ["1c", "bench"];
/** 100 000 orders are 920 MB in one file of one session; as delivered a base may send 128 MiB. */
const SESSION_LIMIT_BYTES = 1024 * 1024 * 1024;
const SIZES = [10_000, 100_000];
const EXCHANGE = "/bitrix/admin/1c_exchange.php";

/** A file in the real layout of УТ 11.5: about 9 kB an order. */
function* orderFile(orders: number): Generator<string | Buffer> {
  yield `\uFEFF<?xml version="1.0" encoding="UTF-8"?>\n<КоммерческаяИнформация xmlns="urn:1C.ru:commerceml_2" ВерсияСхемы="2.07" ДатаФормирования="2026-11-21T12:00:00">\n`;
  for (let i = 1; i <= orders; i++) {
    yield `\t<Документ>\n\t\t<Ид>c0ffee00-0000-4000-8000-${String(i).padStart(12, "0")}</Ид>\n\t\t<Номер>${i}</Номер>\n\t\t<Дата>2026-11-21</Дата>\n\t\t<ХозОперация>Заказ товара</ХозОперация>\n\t\t<Роль>Продавец</Роль>\n\t\t<Валюта>643</Валюта>\n\t\t<Курс>1</Курс>\n\t\t<Сумма>6100</Сумма>\n\t\t<Контрагенты><Контрагент><Ид>5a1f0c70-0000-4000-8000-${String(i % 2_000).padStart(12, "0")}</Ид><Наименование>Иванова Мария ${i % 2_000}</Наименование><ПолноеНаименование>Иванова Мария ${i % 2_000}</ПолноеНаименование><Роль>Покупатель</Роль></Контрагент></Контрагенты>\n\t\t<Время>12:00:00</Время>\n\t\t<Налоги><Налог><Наименование>НДС</Наименование><УчтеноВСумме>true</УчтеноВСумме><Сумма>1100</Сумма></Налог></Налоги>\n\t\t<Товары>\n`;
    yield linesOf(i);
    yield `\t\t</Товары>\n\t\t<ЗначенияРеквизитов>\n${requisite("Номер по 1С", `УТ00-${String(i).padStart(6, "0")}`)}${requisite("Дата по 1С", "2026-11-21T12:00:00")}${requisite("Проведен", "true")}\t\t</ЗначенияРеквизитов>\n\t</Документ>\n`;
  }
  yield "</КоммерческаяИнформация>";
}

const ITEMS = 5_000;
const madeLines = new Map<number, Buffer>();

/** Lines repeat after a thousand orders: made once each, a file of 920 MB is there in seconds. */
function linesOf(order: number): Buffer {
  const key = (order * 5) % ITEMS;
  const made = madeLines.get(key) ?? Buffer.from(Array.from({ length: 5 }, (_, n) => line(order, n)).join(""));
  madeLines.set(key, made);
  return made;
}

const requisite = (name: string, value: string) => `\t\t\t<ЗначениеРеквизита>\n\t\t\t\t<Наименование>${name}</Наименование>\n\t\t\t\t<Значение>${value}</Значение>\n\t\t\t</ЗначениеРеквизита>\n`;

const line = (order: number, n: number) => `\t\t\t<Товар>
\t\t\t\t<Ид>10000011-aaaa-11ee-8f10-${String((order * 5 + n) % ITEMS).padStart(12, "0")}</Ид>
\t\t\t\t<Артикул>КР-${n}</Артикул>
\t\t\t\t<Наименование>Краска акриловая для стен и потолков, ${n} л</Наименование>
\t\t\t\t<БазоваяЕдиница Код="796" НаименованиеПолное="Штука" МеждународноеСокращение="PCE"/>
\t\t\t\t<СтавкиНалогов>\n\t\t\t\t\t<СтавкаНалога>\n\t\t\t\t\t\t<Наименование>НДС</Наименование>\n\t\t\t\t\t\t<Ставка>22</Ставка>\n\t\t\t\t\t</СтавкаНалога>\n\t\t\t\t</СтавкиНалогов>
\t\t\t\t<ЗначенияРеквизитов>\n\t\t\t\t\t<ЗначениеРеквизита>\n\t\t\t\t\t\t<Наименование>ТипНоменклатуры</Наименование>\n\t\t\t\t\t\t<Значение>Товар</Значение>\n\t\t\t\t\t</ЗначениеРеквизита>\n\t\t\t\t</ЗначенияРеквизитов>
\t\t\t\t<ЦенаЗаЕдиницу>1220</ЦенаЗаЕдиницу>
\t\t\t\t<Количество>1</Количество>
\t\t\t\t<Сумма>1220</Сумма>
\t\t\t\t<Единица>796</Единица>
\t\t\t\t<Коэффициент>1</Коэффициент>
\t\t\t\t<Налоги>\n\t\t\t\t\t<Налог>\n\t\t\t\t\t\t<Наименование>НДС</Наименование>\n\t\t\t\t\t\t<УчтеноВСумме>true</УчтеноВСумме>\n\t\t\t\t\t\t<Сумма>220</Сумма>\n\t\t\t\t\t\t<Ставка>22</Ставка>\n\t\t\t\t\t</Налог>\n\t\t\t\t</Налоги>
\t\t\t</Товар>\n`;

/**
 * One exchange session as stock 1C runs it: checkauth, init, pieces, import until it is done. Returns seconds. A socket of its own, and a plain
 * client: one that is left idle while a file is made would be closed by the other side, and `fetch` spends more on a piece than the door does.
 */
async function exchange(app: BenchApp, file: Buffer): Promise<{ uploadS: number; importS: number }> {
  const authorization = `Basic ${Buffer.from(`${LOGIN}:${PASSWORD}`).toString("base64")}`;
  const client = new Client(app.webUrl, { headersTimeout: 0, bodyTimeout: 0 });
  const call = async (query: string, headers: Record<string, string>, body?: Buffer) => {
    const answer = await client.request({ path: `${EXCHANGE}?type=sale&${query}`, method: body ? "POST" : "GET", headers: { authorization, ...headers }, body: body ?? null });
    return (await answer.body.text()).split("\n");
  };
  try {
    const [word, name, value, sessid] = await call("mode=checkauth", {});
    if (word !== "success") throw new Error(`checkauth: ${word}`);
    const cookie = { cookie: `${name}=${value}` };
    const limit = Number((await call(`mode=init&${sessid}`, cookie))[1]?.split("=")[1]);
    const started = performance.now();
    for (let at = 0; at < file.length; at += limit) {
      const [said, why] = await call(`mode=file&filename=orders-bench_1.xml&${sessid}`, cookie, file.subarray(at, at + limit));
      if (said !== "success") throw new Error(`file: ${said} ${why}`);
    }
    const uploaded = performance.now();
    for (;;) {
      const [said, why] = await call(`mode=import&filename=orders-bench_1.xml&${sessid}`, cookie);
      if (said === "success") break;
      if (said !== "progress") throw new Error(`import: ${said} ${why}`);
    }
    return { uploadS: (uploaded - started) / 1_000, importS: (performance.now() - uploaded) / 1_000 };
  } finally {
    await client.close();
  }
}

/** The floor: saxes with empty handlers over the same bytes. Seconds. */
function bareParse(file: Buffer): number {
  const started = performance.now();
  const parser = new SaxesParser({ xmlns: false, position: false });
  for (const event of ["opentag", "closetag", "text", "cdata"] as const) parser.on(event, () => undefined);
  const decoder = new TextDecoder();
  for (let at = 0; at < file.length; at += 65_536) parser.write(decoder.decode(file.subarray(at, at + 65_536), { stream: true }));
  parser.close();
  return (performance.now() - started) / 1_000;
}

/** The file as it is sent: 100 000 orders do not fit into one string. */
const fileOf = (orders: number): Buffer => Buffer.concat(Array.from(orderFile(orders), (piece) => (typeof piece === "string" ? Buffer.from(piece) : piece)));

async function run(orders: number): Promise<number> {
  const app = await startBenchApp();
  try {
    await prepareBase(app, { settings: { login: LOGIN, sessionLimitBytes: SESSION_LIMIT_BYTES }, secret: { password: PASSWORD } });
    const file = fileOf(orders);
    console.log(`W2 order file: ${orders} orders of five lines, ${Math.round(file.length / 1e6)} MB (${machine()})`);
    await exchange(app, fileOf(50));
    const { uploadS, importS } = await exchange(app, file);
    const total = uploadS + importS;
    const [parse, copy] = [bareParse(file), await bareCopy(app, orders)];
    console.log(`  upload ${uploadS.toFixed(1)} s, import ${importS.toFixed(1)} s: ${Math.round(orders / total)} orders/s in all, ${Math.round(orders / importS)}/s in import, ${((total / orders) * 1_000).toFixed(3)} s per 1 000`);
    console.log(`  peak RSS of the web process ${peakRssMb(app.webPid)} MB`);
    console.log(`  bare saxes parse ${parse.toFixed(1)} s (${Math.round(orders / parse)}/s): ratio ${share(parse, total)}; with COPY of as many rows ${(parse + copy).toFixed(1)} s: ${share(parse + copy, total)}`);
    if (process.env["BENCH_AGAIN"] !== "0") {
      const again = await exchange(app, file);
      console.log(`  the same file again: ${(again.uploadS + again.importS).toFixed(1)} s, nothing changed`);
    }
    return total / orders;
  } finally {
    await app.stop();
  }
}

export async function benchOrderFile(): Promise<void> {
  const given = process.env["BENCH_ORDERS"];
  const perOrder: number[] = [];
  for (const orders of given === undefined ? SIZES : [Number(given)]) perOrder.push(await run(orders));
  const [small, large] = perOrder;
  if (small !== undefined && large !== undefined) console.log(`  an order takes ${(large / small).toFixed(2)} × as long in the large file (1 = linear)`);
}

/** The kit for 1C programmers: every module compiles in our reading of the language, calls only what exists, and its signature and exchange really run. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inspectKit } from "./inspect.ts";
import { openInterpreter } from "./interpret.ts";
import { kitModules, kitTexts } from "./kit-files.ts";
import { parseModule } from "./parse.ts";
import { createBase, type Base } from "./platform.ts";
import { Binary, Obj, type Structure } from "./things.ts";

describe("the text of the modules", () => {
  test("compiles: blocks, quotes, regions, expressions", () => {
    expect(kitModules().map(({ name }) => name)).toContain("КопейкаПодпись");
    for (const [broken, why] of [
      ["Процедура А()\nЕсли Истина Тогда\nКонецПроцедуры", "конецесли"],
      ["Процедура А()\nБ = \"не закрыта;\nКонецПроцедуры", "строка не закрыта"],
      ["Функция А()\nВозврат 1;\nКонецПроцедуры", "конецфункции"],
      ["#Область Раз\nПроцедура А()\nКонецПроцедуры", "область не закрыта"],
      ["Процедура А()\nБ = (1 + ;\nКонецПроцедуры", "ожидалось выражение"],
      ["Процедура А()\nБ + 1;\nКонецПроцедуры", "ожидался вызов"],
    ] as const) expect(() => parseModule("М", broken)).toThrow(why);
  });

  test("calls only methods that exist, with the right number of arguments, and reads only names that are known", () => {
    expect(inspectKit(kitModules())).toEqual([]);
    const other = parseModule("Другой", "Функция Да(А) Экспорт\nВозврат А;\nКонецФункции\nПроцедура Нет()\nКонецПроцедуры");
    const slips = parseModule("Мой", "Функция Г()\nДругой.Нет();\nДругой.Да();\nДругой.Никогда();\nЗабытая();\nВозврат Неизвестное;\nКонецФункции\nФункция Д()\nЕсли Истина Тогда\nВозврат 1;\nКонецЕсли;\nКонецФункции");
    expect(inspectKit([other, slips]).map((one) => one.split(": ")[1])).toEqual([
      "метод Другой.Нет без слова Экспорт", "у Да параметров 1, передано 0", "в модуле Другой нет метода Никогда", "неизвестная процедура Забытая", "неизвестное имя Неизвестное", "функция может кончиться без Возврат",
    ]);
  });

  test("the guide names every module, every object to create, and says what was not run", () => {
    const guide = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const named = new Set(guide.match(/[\p{L}\d]+(?:\.kopeyka)?/gu));
    for (const [name, text] of kitTexts()) {
      expect([...named], name).toContain(name);
      for (const [, object] of text.matchAll(/(?:Константы|РегистрыСведений)\.(Копейка[\p{L}]+)/gu)) expect([...named], `${name}: ${object}`).toContain(object);
    }
    expect(guide).toContain("На настоящей платформе 1С эти модули не запускались");
  });

  test("the accountant's guide has its pictures, each said to be a drawing", () => {
    const guide = readFileSync(new URL("../../docs/guides/buhgalteru-obmen-s-saitom.md", import.meta.url), "utf8");
    const drawn = readFileSync(new URL("../../docs/guides/pictures.html", import.meta.url), "utf8");
    const pictures = [...guide.matchAll(/!\[Рисунок: [^\]]+\]\(\.\.\/img\/([\w-]+)\.png\)/g)].map(([, name]) => name!);
    expect(pictures).toEqual([...drawn.matchAll(/<section id="([\w-]+)">/g)].map(([, id]) => id));
    expect(drawn.match(/<footer>Рисунок, не снимок/g)).toHaveLength(pictures.length);
    for (const name of pictures) expect(readFileSync(new URL(`../../docs/img/${name}.png`, import.meta.url)).subarray(1, 4).toString()).toBe("PNG");
    expect(guide).toContain("это не снимки экрана 1С");
  });

  test("style of 1C: tabs, a header that says where the module goes, described exported methods, no secrets in the text", () => {
    for (const [name, text] of kitTexts()) {
      expect(text.startsWith("// "), name).toBe(true);
      expect(/^ +\S/m.test(text), `${name}: indents are tabs`).toBe(false);
      expect(text.split("\n").length, name).toBeLessThanOrEqual(250);
      expect(/whsec_[A-Za-z0-9+/]{8}|Bearer |Basic [A-Za-z0-9]{8}/.test(text), `${name}: a secret`).toBe(false);
      for (const [i, line] of text.split("\n").entries()) {
        if (/^(Процедура|Функция).*Экспорт$/.test(line) && !/^ФормаЗаказа$/.test(name)) expect(text.split("\n")[i - 1], `${name}, ${line}`).toMatch(/^\/\//);
      }
    }
  });
});

describe("the modules at work", () => {
  type Call = { method: string; path: string; body: string; authorization: string };
  let server: Server;
  let calls: Call[];
  let answers: Record<string, (body: string) => [number, string]>;
  let base: Base;
  let booked: string[];
  let refuse: string | null;

  beforeAll(async () => {
    const answer = async (req: IncomingMessage, res: ServerResponse) => {
      const parts: Buffer[] = [];
      for await (const part of req) parts.push(part as Buffer);
      const body = Buffer.concat(parts).toString("utf8");
      const path = (req.url ?? "").split("?")[0]!;
      calls.push({ method: req.method ?? "", path: req.url ?? "", body, authorization: req.headers.authorization ?? "" });
      const [status, text] = answers[path]?.(body) ?? [404, '{"msg":"нет такого адреса"}'];
      res.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(text);
    };
    server = createServer((req, res) => void answer(req, res));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    [calls, booked, refuse] = [[], [], null];
    answers = {};
    base = createBase({ КопейкаАдресСайта: `http://127.0.0.1:${(server.address() as AddressInfo).port}/admin`, КопейкаПользователь: "1c" }, {
      СекретыОбмена: () => new Obj("Структура", { Пароль: "секрет", СекретПодписи: SECRET }),
      ОписаниеОбъекта: (link) => structure({ number: (link as Obj).get("Номер"), amount: 1220 }),
      ВидОбъектаОбмена: () => "Заказ",
      ТолькоВручную: () => false,
      ОбработатьСобытие: (event) => {
        if (refuse !== null) throw new Error(refuse);
        booked.push(String((event as Structure).get("key")));
        return new Obj("Документ", { Номер: `УТ00-00000${booked.length} ` });
      },
    });
  });

  const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  const kit = () => openInterpreter(kitModules().filter(({ name }) => !["КопейкаПереопределяемый", "КопейкаОписания", "КопейкаПокупатели", "КопейкаУчет", "КопейкаЗаказыСайта", "ФормаЗаказа", "КопейкаПечать"].includes(name)), base.platform);
  const structure = (of: Record<string, unknown>) => {
    const made = base.platform.create("Структура", []) as Structure;
    for (const [name, value] of Object.entries(of)) made.put(name, value);
    return made;
  };
  const anOrder = (id: string, number: string) => new Obj("ДокументСсылка", { Ид: id, Номер: number }, { УникальныйИдентификатор: () => id });
  const saved = (link: Obj) => new Obj("ДокументОбъект", { Ссылка: link, ОбменДанными: new Obj("ПараметрыОбмена", { Загрузка: false }) });
  const changes = (...keys: string[]) => JSON.stringify({ cursor: `000${keys.length}`, hasMore: false, serverTime: "", items: keys.map((key, i) => ({ seq: `000${i + 1}`, id: key, type: "payment.succeeded", key })) });

  test("HMAC-SHA256 by ХешированиеДанных gives the published vector of Standard Webhooks, and refuses another body, secret and an empty header", async () => {
    const body = new Binary(Buffer.from('{"test": 2432232314}'));
    const verify = (secret: string, signature: string, data = body) => kit().run("КопейкаПодпись", "ПодписьВерна", secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", signature, data);
    const right = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    expect(await verify(SECRET, right)).toBe(true);
    expect(await verify(SECRET, `v1,AAAA ${right}`)).toBe(true);
    expect(await verify(SECRET, right, new Binary(Buffer.from('{"test": 2432232315}')))).toBe(false);
    expect(await verify("whsec_AAAA", right)).toBe(false);
    expect(await verify(SECRET, "")).toBe(false);
    // RFC 4231, case 6: a key longer than a block is hashed first.
    const long = (await kit().run("КопейкаПодпись", "HMACSHA256", new Binary(Buffer.alloc(131, 0xaa)), new Binary(Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First")))) as Binary;
    expect(long.bytes.toString("hex")).toBe("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  });

  test("writing an order only queues it; the job sends a batch with growing versions, keeps the pay link, and leaves what changed meanwhile", async () => {
    const [one, two] = [anOrder("C0FFEE12-C2D4-11F1-8F10-0050568B1A01", "УТ00-000841"), anOrder("c0ffee13-c2d4-11f1-8f10-0050568b1a01", "УТ00-000842")];
    for (const link of [one, two, one]) await kit().run("КопейкаОчередь", "ПриЗаписиОбъекта", saved(link), false);
    expect(calls).toEqual([]);
    expect(base.registers["КопейкаОчередь"]!.size).toBe(2);
    answers["/api/1c/v1/orders"] = (body) => {
      const { orders } = JSON.parse(body) as { orders: { id: string; version: number; number: string }[] };
      // The manager writes the first order again while the batch is on its way.
      const row = base.registers["КопейкаОчередь"]!.get("C0FFEE12-C2D4-11F1-8F10-0050568B1A01")!;
      row["Версия"] = Number(row["Версия"]) + 1;
      return [200, JSON.stringify({ accepted: 1, rejected: 1, results: orders.map(({ id, number }) => (number.endsWith("841") ? { id, status: "created", version: 1, payUrl: "https://pay/o/1", code: "", msg: "" } : { id, status: "rejected", version: 1, payUrl: "", code: "amount_mismatch", msg: "Сумма строк не равна" })) })];
    };
    await kit().run("КопейкаОтправка", "ОтправитьЗаказы");
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ method: "POST", authorization: `Basic ${Buffer.from("1c:секрет", "utf8").toString("base64")}` });
    const { orders } = JSON.parse(calls[0]!.body) as { orders: { id: string; version: number }[] };
    expect(orders.map(({ id }) => id)).toEqual(["c0ffee13-c2d4-11f1-8f10-0050568b1a01", "c0ffee12-c2d4-11f1-8f10-0050568b1a01"]);
    expect(orders.every(({ version }) => version > 6e13 && Number.isSafeInteger(version))).toBe(true);
    expect(base.registers["КопейкаОчередь"]!.get("C0FFEE12-C2D4-11F1-8F10-0050568B1A01")).toMatchObject({ Ждет: true, СсылкаНаОплату: "https://pay/o/1" });
    expect(base.registers["КопейкаОчередь"]!.get("c0ffee13-c2d4-11f1-8f10-0050568b1a01")).toMatchObject({ Ждет: false, ОтветСайта: "отвергнут сайтом: Сумма строк не равна" });
    expect(base.journal.filter((line) => line.startsWith("Ошибка"))).toHaveLength(1);
    expect(await kit().run("КопейкаОчередь", "СсылкаНаОплату", one)).toBe("https://pay/o/1");
  });

  test("a refusal that heals by itself (the site's own failure, a hand-over before its order) stays in the queue, behind the others; told once in the journal", async () => {
    const [one, two] = [anOrder("c0ffee12-c2d4-11f1-8f10-0050568b1a01", "УТ00-000841"), anOrder("c0ffee13-c2d4-11f1-8f10-0050568b1a01", "УТ00-000842")];
    for (const link of [one, two]) await kit().run("КопейкаОчередь", "ПриЗаписиОбъекта", saved(link), false);
    let code = "internal";
    answers["/api/1c/v1/orders"] = (body) => {
      const { orders } = JSON.parse(body) as { orders: { id: string; number: string }[] };
      return [200, JSON.stringify({ accepted: 0, rejected: 0, results: orders.map(({ id, number }) => (number.endsWith("842") || code === "" ? { id, status: "created", version: 1, payUrl: "https://pay/o/1", code: "", msg: "" } : { id, status: "rejected", version: 1, payUrl: "", code, msg: "сбой, повторите" })) })];
    };
    for (const _ of [1, 2]) await kit().run("КопейкаОтправка", "ОтправитьЗаказы");
    expect(calls.map(({ body }) => (JSON.parse(body) as { orders: unknown[] }).orders.length)).toEqual([2, 1]);
    expect(base.registers["КопейкаОчередь"]!.get("c0ffee12-c2d4-11f1-8f10-0050568b1a01")).toMatchObject({ Ждет: true, ОтветСайта: "отвергнут сайтом: сбой, повторите" });
    expect(base.journal.filter((line) => line.startsWith("Ошибка"))).toHaveLength(1);
    code = "";
    await kit().run("КопейкаОтправка", "ОтправитьЗаказы");
    expect(base.registers["КопейкаОчередь"]!.get("c0ffee12-c2d4-11f1-8f10-0050568b1a01")).toMatchObject({ Ждет: false, СсылкаНаОплату: "https://pay/o/1" });
  });

  test("changes are booked once by key and acknowledged with the numbers of the documents; a lost acknowledgement books nothing twice", async () => {
    answers["/api/1c/v1/changes"] = () => [200, changes("payment:a", "payment:b")];
    answers["/api/1c/v1/changes/ack"] = () => [500, "<html>"];
    await expect(kit().run("КопейкаОплаты", "ПолучитьИзменения")).rejects.toThrow("не по протоколу");
    answers["/api/1c/v1/changes/ack"] = (body) => [200, JSON.stringify({ ok: true, cursor: (JSON.parse(body) as { cursor: string }).cursor })];
    await kit().run("КопейкаОплаты", "ПолучитьИзменения");
    expect(booked).toEqual(["payment:a", "payment:b"]);
    expect(JSON.parse(calls.at(-1)!.body)).toEqual({ cursor: "0002", documents: [{ key: "payment:a", number: "УТ00-000001" }, { key: "payment:b", number: "УТ00-000002" }], rejected: [] });
  });

  test("an event that 1C refuses is told with its reason and holds nothing up; it is tried again here and its number told until the site has it; what staff booked by hand is left alone", async () => {
    base.constants["КопейкаКурсор"] = "0000";
    let pages = [changes("payment:a", "payment:b", "payment:c")];
    let settled: string[] = [];
    let isDown = false;
    answers["/api/1c/v1/changes"] = () => [200, pages.shift() ?? JSON.stringify({ cursor: "0003", hasMore: false, serverTime: "", items: [] })];
    answers["/api/1c/v1/changes/ack"] = (body) => {
      const said = JSON.parse(body) as { cursor: string; documents: unknown[] };
      return isDown && said.documents.length > 0 ? [503, '{"msg":"недоступен"}'] : [200, JSON.stringify({ ok: true, cursor: said.cursor, settled })];
    };
    const acks = () => calls.splice(0).filter(({ path }) => path.endsWith("/ack")).map(({ body }) => JSON.parse(body) as { rejected: { key: string }[]; documents: unknown[] });
    const job = () => kit().run("КопейкаОплаты", "ПолучитьИзменения");
    refuse = "Период закрыт";
    await job();
    expect(acks()).toEqual([{ cursor: "0003", documents: [], rejected: ["payment:a", "payment:b", "payment:c"].map((key) => ({ key, msg: "Период закрыт" })) }]);
    await job();
    expect(acks()).toMatchObject([{ documents: [], rejected: [{ key: "payment:a" }, { key: "payment:b" }, { key: "payment:c" }] }]);
    expect(base.journal.filter((line) => line.startsWith("Ошибка"))).toHaveLength(3);
    settled = ["payment:b"];
    refuse = null;
    isDown = true;
    await expect(job()).rejects.toThrow("недоступен");
    expect(booked).toEqual(["payment:a", "payment:c"]);
    acks();
    isDown = false;
    settled = [];
    pages = [changes("payment:a", "payment:b", "payment:c", "payment:d")];
    await job();
    const numbers = [{ key: "payment:a", number: "УТ00-000001" }, { key: "payment:c", number: "УТ00-000002" }];
    expect(acks()).toEqual([{ cursor: "0003", documents: numbers, rejected: [] }, { cursor: "0004", documents: [...numbers, { key: "payment:d", number: "УТ00-000003" }], rejected: [] }]);
    await job();
    expect(acks()).toEqual([]);
    expect(booked).toEqual(["payment:a", "payment:c", "payment:d"]);
    expect(base.constants["КопейкаКурсор"]).toBe("0004");
  });

  test("the job goes on after a step that failed; an error of the site is read with its msg", async () => {
    answers["/api/1c/v1/changes"] = () => [401, '{"msg":"Неверный логин или пароль обмена"}'];
    await kit().run("КопейкаОтправка", "Обмен");
    expect(base.journal).toEqual(["Ошибка: КопейкаОплаты.ПолучитьИзменения(): {Модуль}: Сайт отказал (код 401): Неверный логин или пароль обмена"]);
    answers["/api/1c/v1/ping"] = () => [200, '{"ok":true,"name":"Ладога","time":"","scopes":[]}'];
    expect(((await kit().run("КопейкаСоединение", "ПроверитьСоединение")) as Structure).get("Сообщение")).toBe("Сайт ответил: Ладога");
  });

  test("the HTTP-сервис: a signed event gets the number of its document, the same one again makes none, a forged one is refused", async () => {
    const body = Buffer.from(JSON.stringify({ seq: "1", id: "e1", type: "payment.succeeded", key: "payment:a" }));
    const request = async (secret: string) => {
      const signature = (await kit().run("КопейкаПодпись", "ПодписьСообщения", secret, "e1", "1614265330", new Binary(body))) as string;
      const headers = structure({});
      const pairs = [["Webhook-Id", "e1"], ["webhook-timestamp", "1614265330"], ["WEBHOOK-SIGNATURE", `v1,${signature}`]].map(([key, value]) => new Obj("КлючИЗначение", { Ключ: key, Значение: value }));
      Object.defineProperty(headers, Symbol.iterator, { value: () => pairs[Symbol.iterator]() });
      const answer = (await kit().run("HTTPСервис.kopeyka", "eventsPOST", new Obj("HTTPСервисЗапрос", { Заголовки: headers }, { ПолучитьТелоКакДвоичныеДанные: () => new Binary(body) }))) as Obj;
      return [answer.get("КодСостояния"), JSON.parse(String(answer.get("Тело")))];
    };
    expect(await request(SECRET)).toEqual([200, { ok: true, number: "УТ00-000001" }]);
    expect(await request(SECRET)).toEqual([200, { ok: true, number: "УТ00-000001" }]);
    expect(await request("whsec_AAAA")).toEqual([403, { ok: false, msg: "Подпись не сошлась" }]);
    expect(booked).toEqual(["payment:a"]);
  });

  test("files: a PDF goes with its kind, number and order in the address, a statement as it is", async () => {
    answers["/api/1c/v1/documents/d0c00000-c2d4-11f1-8f10-0050568b1a01"] = () => [200, '{"ok":true}'];
    const document = new Obj("ДокументСсылка", { Номер: "УТ00-000590 ", Дата: "2026-11-21" }, { УникальныйИдентификатор: () => "D0C00000-C2D4-11F1-8F10-0050568B1A01" });
    await kit().run("КопейкаФайлы", "ПередатьДокумент", document, "upd", new Binary(Buffer.from("%PDF-1.7")), anOrder("c0ffee12-c2d4-11f1-8f10-0050568b1a01", "1"), "92110.00");
    expect(calls[0]).toMatchObject({ method: "PUT", body: "%PDF-1.7", path: "/api/1c/v1/documents/d0c00000-c2d4-11f1-8f10-0050568b1a01?kind=upd&number=%D0%A3%D0%A200-000590&date=2026-11-21&order=c0ffee12-c2d4-11f1-8f10-0050568b1a01&amount=92110.00" });
  });
});

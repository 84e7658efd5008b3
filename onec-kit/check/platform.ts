/** A pretended 8.3 platform: enough of it to run the kit's modules. HTTP is real, registers are maps. */
import { Raised, type Native, type Platform, type Thing, type Value } from "./interpret.ts";
import { textOf } from "./operators.ts";
import { Binary, Bytes, fromJson, Hashing, List, Mapping, Obj, Structure, toJson } from "./things.ts";

export type Registers = Record<string, Map<string, Record<string, Value>>>;
export type Base = { platform: Platform; constants: Record<string, Value>; registers: Registers; journal: string[] };

/** Anything with any name: `КодировкаТекста.UTF8`, `ХешФункция.SHA256`. */
const enumeration = (name: string): Thing => ({ get: (member) => `${name}.${member}` });
const text = (value: Value): string => textOf(value);
const keyOf = (value: Value): string => (value instanceof Obj && value.has("Ид") ? text(value.get("Ид")) : text(value));

/** `overrides` stands for КопейкаПереопределяемый, the one module that knows the configuration. */
export function createBase(constants: Record<string, Value>, overrides: Record<string, Native>): Base {
  const registers: Registers = { КопейкаОчередь: new Map(), КопейкаСобытия: new Map() };
  const journal: string[] = [];
  const enums = ["КодировкаТекста", "ИспользованиеByteOrderMark", "ФорматДатыJSON", "ВариантЗаписиДатыJSON", "ПереносСтрокJSON", "УровеньЖурналаРегистрации", "РежимБлокировкиДанных", "ХешФункция", "СпособКодированияСтроки"];
  const globals: Record<string, Value> = {
    ...Object.fromEntries(enums.map((name) => [name, enumeration(name)])),
    Символы: new Obj("Символы", { ВК: "\r", ПС: "\n" }),
    Константы: { get: (name: string) => new Obj("Константа", {}, { Получить: () => constants[name] ?? "", Установить: (value) => void (constants[name] = value) }) } satisfies Thing,
    РегистрыСведений: { get: (name: string) => new Obj("Менеджер", {}, { СоздатьМенеджерЗаписи: () => record(registers[name]!, name === "КопейкаОчередь" ? "Объект" : "Ключ") }) } satisfies Thing,
    КопейкаПереопределяемый: new Obj("Модуль", {}, overrides),
  };
  return { constants, registers, journal, platform: { globals, functions: functionsOf(journal), create: (type, args) => create(type, args, registers) } };
}

function record(table: Map<string, Record<string, Value>>, dimension: string): Obj {
  let found = false;
  const empty: Record<string, Value> = { [dimension]: undefined, Вид: "", Версия: 0, Ждет: false, ОтветСайта: "", СсылкаНаОплату: "", Передан: undefined, Документ: undefined, НомерДокумента: "", Записано: undefined, Отказ: "", Тело: "" };
  const row = new Obj("МенеджерЗаписи", empty, {
    Прочитать: () => {
      const kept = table.get(keyOf(row.get(dimension)));
      found = kept !== undefined;
      for (const [name, value] of Object.entries(kept ?? empty)) row.set(name, value);
    },
    Выбран: () => found,
    Записать: () => void table.set(keyOf(row.get(dimension)), Object.fromEntries(row.entries())),
  });
  return row;
}

function create(type: string, args: Value[], registers: Registers): Value {
  switch (type) {
    case "Структура":
      return new Structure(text(args[0]), args.slice(1));
    case "Массив":
      return new List();
    case "Соответствие":
      return new Mapping();
    case "БуферДвоичныхДанных":
      return new Bytes(Buffer.alloc(Number(args[0])));
    case "ХешированиеДанных":
      return new Hashing();
    case "HTTPЗапрос":
      return httpRequest(text(args[0]), args[1] as Mapping);
    case "HTTPСоединение":
      return httpConnection(args);
    case "HTTPСервисОтвет": {
      const answer = new Obj(type, { КодСостояния: args[0], Заголовки: new Mapping(), Тело: "" }, { УстановитьТелоИзСтроки: (body) => answer.set("Тело", body) });
      return answer;
    }
    case "ЗаписьJSON": {
      const writer = new Obj(type, { Текст: "" }, { УстановитьСтроку: () => undefined, Закрыть: () => writer.get("Текст") });
      return writer;
    }
    case "ЧтениеJSON": {
      const reader = new Obj(type, { Текст: "" }, { УстановитьСтроку: (given) => reader.set("Текст", given), Закрыть: () => undefined });
      return reader;
    }
    case "Запрос":
      return query(registers);
    case "БлокировкаДанных":
      return new Obj(type, {}, { Добавить: () => new Obj("Элемент", { Режим: "" }, { УстановитьЗначение: () => undefined }), Заблокировать: () => undefined });
    default:
      return new Obj(type);
  }
}

/** The two queries of the kit that run here: waiting rows of one kind, and events that were refused; oldest first. */
function query(registers: Registers): Obj {
  const given = new Map<string, Value>();
  const self = new Obj("Запрос", { Текст: "" }, {
    УстановитьПараметр: (name, value) => void given.set(text(name), value),
    Выполнить: () => new Obj("Результат", {}, {
      Выгрузить: () => {
        if (text(self.get("Текст")).includes("РегистрСведений.КопейкаСобытия")) {
          const refused = [...registers["КопейкаСобытия"]!.values()].filter((row) => row["Ждет"] === true).sort((a, b) => Number(a["Записано"]) - Number(b["Записано"]));
          return new List(refused.map((row) => new Obj("Строка", row)));
        }
        const rows = [...registers["КопейкаОчередь"]!.values()].filter((row) => row["Вид"] === given.get("Вид") && row["Ждет"] === true).sort((a, b) => Number(a["Версия"]) - Number(b["Версия"]));
        const first = Number(/ПЕРВЫЕ (\d+)/.exec(text(self.get("Текст")))![1]);
        return new List(rows.slice(0, first).map((row) => new Obj("Строка", row)));
      },
    }),
  });
  return self;
}

function httpRequest(resource: string, headers: Mapping): Obj {
  const request = new Obj("HTTPЗапрос", { Адрес: resource, Заголовки: headers, Тело: undefined }, {
    УстановитьТелоИзСтроки: (body) => request.set("Тело", Buffer.from(text(body), "utf8")),
    УстановитьТелоИзДвоичныхДанных: (data) => request.set("Тело", (data as Binary).bytes),
  });
  return request;
}

function httpConnection([host, port, login, password, , , secure]: Value[]): Obj {
  return new Obj("HTTPСоединение", {}, {
    ВызватьHTTPМетод: async (method, given) => {
      const request = given as Obj;
      const body = request.get("Тело") as Buffer | undefined;
      const answer = await fetch(`${secure ? "https" : "http"}://${text(host)}:${Number(port)}${text(request.get("Адрес"))}`, {
        method: text(method), redirect: "manual", ...(body && { body: new Uint8Array(body) }),
        headers: { ...(Object.fromEntries((request.get("Заголовки") as Mapping).map) as Record<string, string>), authorization: `Basic ${Buffer.from(`${text(login)}:${text(password)}`, "utf8").toString("base64")}` },
      });
      const said = await answer.text();
      return new Obj("HTTPОтвет", { КодСостояния: answer.status }, { ПолучитьТелоКакСтроку: () => said });
    },
  });
}

const binary = (value: Value): Buffer => (value as Binary).bytes;

const functionsOf = (journal: string[]): Record<string, Native> => ({
  Base64Значение: (value) => new Binary(Buffer.from(text(value), "base64")),
  // The platform breaks long lines.
  Base64Строка: (data) => binary(data).toString("base64").replace(/(.{76})/g, "$1\r\n"),
  ПолучитьДвоичныеДанныеИзСтроки: (value) => new Binary(Buffer.from(text(value), "utf8")),
  ПолучитьСтрокуИзДвоичныхДанных: (data) => binary(data).toString("utf8"),
  СоединитьДвоичныеДанные: (list) => new Binary(Buffer.concat((list as List).items.map(binary))),
  ПолучитьБуферДвоичныхДанныхИзДвоичныхДанных: (data) => new Bytes(Buffer.from(binary(data))),
  ПолучитьДвоичныеДанныеИзБуфераДвоичныхДанных: (data) => new Binary((data as Bytes).bytes),
  ПобитовоеИсключительноеИли: (a, b) => Number(a) ^ Number(b),
  КодСимвола: (value, at) => text(value).charCodeAt(Number(at) - 1),
  СтрДлина: (value) => text(value).length,
  СтрНачинаетсяС: (value, start) => text(value).startsWith(text(start)),
  СтрНайти: (value, what) => text(value).indexOf(text(what)) + 1,
  СтрЗаменить: (value, what, by) => text(value).split(text(what)).join(text(by)),
  СтрРазделить: (value, by, empty) => new List(text(value).split(text(by)).filter((part) => empty !== false || part !== "")),
  Сред: (value, from, count) => text(value).substr(Number(from) - 1, count === undefined ? undefined : Number(count)),
  Лев: (value, count) => text(value).slice(0, Number(count)),
  НРег: (value) => text(value).toLowerCase(),
  СокрЛП: (value) => text(value).trim(),
  ПустаяСтрока: (value) => text(value).trim() === "",
  ЗначениеЗаполнено: (value) => value !== undefined && value !== null && value !== "" && value !== 0,
  Строка: (value) => text(value),
  Число: (value) => Number(text(value)),
  Макс: (a, b) => Math.max(Number(a), Number(b)),
  Окр: (value, places) => Number(Number(value).toFixed(Number(places ?? 0))),
  Формат: (value) => String(value),
  Дата: () => undefined,
  XMLЗначение: (type, value) => (type === "Число" ? Number(text(value)) : new Date(`${text(value)}Z`)),
  Тип: (name) => text(name),
  ТипЗнч: (value) => (value instanceof Obj ? value.kind : typeof value === "string" ? "Строка" : typeof value === "number" ? "Число" : "Неопределено"),
  КодироватьСтроку: (value) => encodeURIComponent(text(value)),
  КраткоеПредставлениеОшибки: (error) => (error as Error).message,
  ПодробноеПредставлениеОшибки: (error) => `{Модуль}: ${(error as Error).message}`,
  ТекущаяДатаСеанса: () => new Date(),
  ТекущаяУниверсальнаяДатаВМиллисекундах: () => 62_135_596_800_000 + Date.now(),
  УстановитьПривилегированныйРежим: () => undefined,
  НачатьТранзакцию: () => undefined,
  ЗафиксироватьТранзакцию: () => undefined,
  ОтменитьТранзакцию: () => undefined,
  ЗаписьЖурналаРегистрации: (_name, level, _object, _data, note) => void journal.push(`${text(level).split(".")[1]}: ${text(note)}`),
  ЗаписатьJSON: (writer, value) => (writer as Obj).set("Текст", JSON.stringify(toJson(value))),
  ПрочитатьJSON: (reader) => {
    try {
      return fromJson(JSON.parse(text((reader as Obj).get("Текст"))));
    } catch {
      throw new Raised("Непредвиденный символ при чтении JSON");
    }
  },
});

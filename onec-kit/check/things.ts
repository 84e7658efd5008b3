/** Values of the platform that the kit works with, as far as it uses them. */
import { createHash } from "node:crypto";
import { Raised, type Thing, type Value } from "./interpret.ts";

type Methods = Record<string, (...args: Value[]) => Value>;

/** An object of named properties and methods, found without regard to case. */
export class Obj implements Thing {
  readonly kind: string;
  protected readonly fields = new Map<string, { name: string; value: Value }>();
  private readonly methods: Map<string, (...args: Value[]) => Value>;
  constructor(kind: string, fields: Record<string, Value> = {}, methods: Methods = {}) {
    this.kind = kind;
    for (const [name, value] of Object.entries(fields)) this.set(name, value);
    this.methods = new Map(Object.entries(methods).map(([name, run]) => [name.toLowerCase(), run]));
  }
  has = (name: string): boolean => this.fields.has(name.toLowerCase());
  get(name: string): Value {
    const found = this.fields.get(name.toLowerCase());
    if (!found) throw new Raised(`Поле объекта не обнаружено (${name})`);
    return found.value;
  }
  set(name: string, value: Value): void {
    this.fields.set(name.toLowerCase(), { name, value });
  }
  call(name: string, args: Value[]): Value {
    const run = this.methods.get(name.toLowerCase());
    if (!run) throw new Raised(`Метод объекта не обнаружен (${name})`);
    return run(...args);
  }
  entries = (): [string, Value][] => [...this.fields.values()].map(({ name, value }) => [name, value]);
}

/** `Новый Структура("a, b", 1, 2)`; names must be identifiers. */
export class Structure extends Obj {
  constructor(names = "", values: Value[] = []) {
    super("Структура", {}, {
      Вставить: (name, value) => this.put(String(name), value),
      Свойство: (name) => this.has(String(name)),
    });
    names.split(",").map((name) => name.trim()).filter(Boolean).forEach((name, i) => this.put(name, values[i]));
  }
  put(name: string, value: Value): void {
    if (!/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) throw new Raised(`Задано неправильное имя атрибута структуры «${name}»`);
    this.set(name, value);
  }
  *[Symbol.iterator](): Iterator<Value> {
    for (const [key, value] of this.entries()) yield new Obj("КлючИЗначение", { Ключ: key, Значение: value });
  }
}

export class List extends Obj {
  readonly items: Value[];
  constructor(items: Value[] = []) {
    super("Массив", {}, {
      Добавить: (value) => void this.items.push(value),
      Количество: () => this.items.length,
      ВГраница: () => this.items.length - 1,
      Получить: (at) => this.items[Number(at)],
    });
    this.items = items;
  }
  [Symbol.iterator] = (): Iterator<Value> => this.items[Symbol.iterator]();
}

export class Mapping extends Obj {
  readonly map = new Map<Value, Value>();
  constructor() {
    super("Соответствие", {}, { Количество: () => this.map.size, Вставить: (key, value) => void this.map.set(key, value), Получить: (key) => this.map.get(key) });
  }
  *[Symbol.iterator](): Iterator<Value> {
    for (const [key, value] of this.map) yield new Obj("КлючИЗначение", { Ключ: key, Значение: value });
  }
}

export class Binary extends Obj {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    super("ДвоичныеДанные", {}, { Размер: () => bytes.length });
    this.bytes = bytes;
  }
}

export class Bytes extends Obj {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    super("БуферДвоичныхДанных", { Размер: bytes.length }, { Получить: (at) => bytes[Number(at)], Установить: (at, byte) => void (bytes[Number(at)] = Number(byte)) });
    this.bytes = bytes;
  }
}

export class Hashing extends Obj {
  constructor() {
    const hash = createHash("sha256");
    super("ХешированиеДанных", {}, { Добавить: (data) => void hash.update((data as Binary).bytes) });
    Object.defineProperty(this, "get", { value: (name: string) => (name === "ХешСумма" ? new Binary(hash.copy().digest()) : undefined) });
  }
}

/** JSON into what ПрочитатьJSON makes of it. */
export function fromJson(value: unknown): Value {
  if (Array.isArray(value)) return new List(value.map(fromJson));
  if (typeof value !== "object" || value === null) return value === null ? undefined : value;
  const made = new Structure();
  for (const [name, inner] of Object.entries(value)) made.put(name, fromJson(inner));
  return made;
}

export function toJson(value: Value): unknown {
  if (value instanceof List) return value.items.map(toJson);
  if (value instanceof Structure) return Object.fromEntries(value.entries().map(([name, inner]) => [name, toJson(inner)]));
  if (value instanceof Date) return value.toISOString().slice(0, 19);
  return value ?? null;
}

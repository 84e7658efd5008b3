import { BslError, readTokens, type Token } from "./tokens.ts";
import { expressionParser } from "./parse-expression.ts";
import type { Method, Module, Statement } from "./syntax.ts";

/** Position in the tokens of one module. */
export type Cursor = { peek(ahead?: number): Token; take(): Token; is(word: string): boolean; eat(word: string): boolean; want(word: string): Token; name(): string; fail(why: string): BslError };

export function cursorOf(tokens: readonly Token[]): Cursor {
  let at = 0;
  const cursor: Cursor = {
    peek: (ahead = 0) => tokens[Math.min(at + ahead, tokens.length - 1)]!,
    take: () => tokens[Math.min(at++, tokens.length - 1)]!,
    is: (word) => (cursor.peek().kind === "keyword" || cursor.peek().kind === "sign") && cursor.peek().text.toLowerCase() === word,
    eat: (word) => cursor.is(word) && Boolean(cursor.take()),
    want(word) {
      if (!cursor.is(word)) throw cursor.fail(`ожидалось «${word}»`);
      return cursor.take();
    },
    name() {
      if (cursor.peek().kind !== "name") throw cursor.fail("ожидалось имя");
      return cursor.take().text;
    },
    fail: (why) => new BslError(`строка ${cursor.peek().line}: ${why}, а стоит «${cursor.peek().text || "конец модуля"}»`),
  };
  return cursor;
}

/** A whole module of procedures and functions. Throws `BslError` for what the platform would not compile. */
export function parseModule(name: string, text: string): Module {
  const on = cursorOf(readTokens(text));
  const methods: Method[] = [];
  while (on.peek().kind !== "end") methods.push(method(on));
  const names = methods.map((one) => one.name.toLowerCase());
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  if (twice) throw new BslError(`метод ${twice} описан дважды`);
  return { name, methods };
}

function method(on: Cursor): Method {
  const isFunction = on.is("функция");
  if (!isFunction && !on.is("процедура")) throw on.fail("ожидалась процедура или функция");
  const { line } = on.take();
  const name = on.name();
  const params: Method["params"] = [];
  const { expression } = expressionParser(on);
  on.want("(");
  while (!on.is(")")) {
    on.eat("знач");
    params.push({ name: on.name(), fallback: on.eat("=") ? expression() : null });
    if (!on.is(")")) on.want(",");
  }
  on.want(")");
  const isExported = on.eat("экспорт");
  const end = isFunction ? "конецфункции" : "конецпроцедуры";
  const body = statements(on, [end]);
  on.want(end);
  return { name, isFunction, isExported, params, body, line };
}

const CLOSING = ["конецпроцедуры", "конецфункции", "конецесли", "конеццикла", "конецпопытки", "исключение", "иначе", "иначеесли"];

function statements(on: Cursor, until: readonly string[]): Statement[] {
  const list: Statement[] = [];
  while (!until.some((word) => on.is(word))) {
    if (on.peek().kind === "end" || CLOSING.some((word) => on.is(word))) throw on.fail(`ожидалось «${until.join("» или «")}»`);
    if (on.eat(";")) continue;
    list.push(statement(on));
    if (!until.some((word) => on.is(word))) on.want(";");
  }
  return list;
}

function statement(on: Cursor): Statement {
  const { expression, postfix } = expressionParser(on);
  const { line } = on.peek();
  if (on.eat("если")) return condition(on);
  if (on.eat("пока")) {
    const when = expression();
    return { kind: "while", when, body: loop(on) };
  }
  if (on.eat("для")) {
    if (on.eat("каждого")) {
      const name = on.name();
      on.want("из");
      const of = expression();
      return { kind: "each", name, of, body: loop(on) };
    }
    const name = on.name();
    on.want("=");
    const from = expression();
    on.want("по");
    const to = expression();
    return { kind: "count", name, from, to, body: loop(on) };
  }
  if (on.eat("попытка")) {
    const body = statements(on, ["исключение"]);
    on.want("исключение");
    const caught = statements(on, ["конецпопытки"]);
    on.want("конецпопытки");
    return { kind: "try", body, caught };
  }
  const ends = () => on.is(";") || on.is("конецесли") || on.is("конецпопытки") || on.is("иначе");
  if (on.eat("возврат")) return { kind: "return", value: ends() ? null : expression(), line };
  if (on.eat("вызватьисключение")) return { kind: "raise", value: ends() ? null : expression(), line };
  if (on.eat("прервать")) return { kind: "break" };
  if (on.eat("продолжить")) return { kind: "continue" };
  if (on.eat("выполнить")) {
    on.want("(");
    const value = expression();
    on.want(")");
    return { kind: "execute", value, line };
  }
  const left = postfix();
  if (on.eat("=")) {
    if (left.kind !== "name" && left.kind !== "member" && left.kind !== "index") throw on.fail("этому нельзя присвоить значение");
    return { kind: "assign", to: left, value: expression(), line };
  }
  if (left.kind !== "call") throw on.fail("ожидался вызов или присваивание");
  return { kind: "expression", of: left, line };
}

function condition(on: Cursor): Statement {
  const { expression } = expressionParser(on);
  const branches: { when: ReturnType<typeof expression>; body: Statement[] }[] = [];
  const otherwise: Statement[] = [];
  do {
    const when = expression();
    on.want("тогда");
    branches.push({ when, body: statements(on, ["иначеесли", "иначе", "конецесли"]) });
  } while (on.eat("иначеесли"));
  if (on.eat("иначе")) otherwise.push(...statements(on, ["конецесли"]));
  on.want("конецесли");
  return { kind: "if", branches, otherwise };
}

function loop(on: Cursor): Statement[] {
  on.want("цикл");
  const body = statements(on, ["конеццикла"]);
  on.want("конеццикла");
  return body;
}

import type { Cursor } from "./parse.ts";
import type { Expression } from "./syntax.ts";

const LEVELS: readonly (readonly string[])[] = [["или"], ["и"], ["не"], ["=", "<>", "<", ">", "<=", ">="], ["+", "-"], ["*", "/", "%"]];

/** Expressions by the precedence of the 1C language: ИЛИ, И, НЕ, comparison, sum, product, unary. */
export function expressionParser(on: Cursor): { expression(): Expression; postfix(): Expression } {
  const expression = (level = 0): Expression => {
    const signs = LEVELS[level];
    if (!signs) return unary();
    if (signs[0] === "не") {
      if (on.eat("не")) return { kind: "unary", sign: "не", of: expression(level) };
      return expression(level + 1);
    }
    let left = expression(level + 1);
    for (let sign = signs.find((one) => on.is(one)); sign; sign = signs.find((one) => on.is(one))) {
      const { line } = on.take();
      left = { kind: "binary", sign, left, right: expression(level + 1), line };
    }
    return left;
  };

  const unary = (): Expression => (on.eat("-") ? { kind: "unary", sign: "-", of: unary() } : postfix());

  function postfix(): Expression {
    let value = primary();
    for (;;) {
      const { line } = on.peek();
      if (on.eat(".")) value = { kind: "member", of: value, name: on.name(), line };
      else if (on.is("(") && (value.kind === "name" || value.kind === "member")) value = { kind: "call", of: value, args: args(), line };
      else if (on.eat("[")) {
        value = { kind: "index", of: value, at: expression() };
        on.want("]");
      } else return value;
    }
  }

  function args(): (Expression | null)[] {
    const list: (Expression | null)[] = [];
    on.want("(");
    while (!on.is(")")) {
      list.push(on.is(",") ? null : expression());
      if (!on.is(")")) {
        on.want(",");
        if (on.is(")")) list.push(null);
      }
    }
    on.want(")");
    return list;
  }

  function primary(): Expression {
    const token = on.peek();
    if (token.kind === "string") return { kind: "value", value: on.take().text };
    if (token.kind === "number") return { kind: "value", value: Number(on.take().text) };
    if (token.kind === "date") return { kind: "date", text: on.take().text };
    if (token.kind === "name") return { kind: "name", name: on.take().text, line: token.line };
    if (on.eat("истина")) return { kind: "value", value: true };
    if (on.eat("ложь")) return { kind: "value", value: false };
    if (on.eat("неопределено")) return { kind: "value", value: undefined };
    if (on.eat("null")) return { kind: "value", value: null };
    if (on.eat("новый")) return { kind: "new", type: on.peek().kind === "name" ? on.name() : null, args: on.is("(") ? args() : [], line: token.line };
    if (on.eat("?")) {
      const [when, then, otherwise, ...more] = args();
      if (!when || !then || !otherwise || more.length > 0) throw on.fail("у ?( ) должно быть три части");
      return { kind: "choice", when, yes: then, otherwise };
    }
    if (on.eat("(")) {
      const value = expression();
      on.want(")");
      return value;
    }
    throw on.fail("ожидалось выражение");
  }

  return { expression: () => expression(), postfix };
}

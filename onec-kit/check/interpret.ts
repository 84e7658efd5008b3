/** Runs modules of the kit over a pretended platform, statement by statement. Names are found without regard to case, as in 1C. */
import { parseModule } from "./parse.ts";
import { binary, textOf, truthOf } from "./operators.ts";
import type { Expression, Method, Module, Statement } from "./syntax.ts";

export type Value = unknown;
/** A function of the platform; absent arguments come as undefined. */
export type Native = (...args: Value[]) => Value;
/** Something with properties and methods: `get` throws for what it does not have. */
export interface Thing {
  get(name: string): Value;
  set?(name: string, value: Value): void;
  call?(name: string, args: Value[]): Value;
  [Symbol.iterator]?(): Iterator<Value>;
}
export type Platform = { globals: Record<string, Value>; functions: Record<string, Native>; create(type: string, args: Value[]): Value };

/** `ВызватьИсключение`, or an error of the platform. */
export class Raised extends Error {}
const STEPS_MAX = 2_000_000;

type Frame = { module: Module; vars: Map<string, Value>; error: Error | null };
type Flow = { kind: "next" | "break" | "continue" } | { kind: "return"; value: Value };
const NEXT: Flow = { kind: "next" };

export function openInterpreter(modules: readonly Module[], platform: Platform) {
  const byName = new Map(modules.map((module) => [module.name.toLowerCase(), module]));
  const lower = <T>(of: Record<string, T>) => new Map(Object.entries(of).map(([name, value]) => [name.toLowerCase(), value]));
  const [globals, functions] = [lower(platform.globals), lower(platform.functions)];
  let steps = 0;

  const methodOf = (module: Module, name: string) => module.methods.find((one) => one.name.toLowerCase() === name.toLowerCase());

  async function invoke(module: Module, method: Method, args: readonly Value[]): Promise<Value> {
    const frame: Frame = { module, vars: new Map(), error: null };
    for (const [i, param] of method.params.entries()) frame.vars.set(param.name.toLowerCase(), args[i] === undefined && param.fallback ? await value(param.fallback, frame) : args[i]);
    const flow = await run(method.body, frame);
    return flow.kind === "return" ? flow.value : undefined;
  }

  async function run(list: readonly Statement[], frame: Frame): Promise<Flow> {
    for (const statement of list) {
      if (++steps > STEPS_MAX) throw new Error("the module never ends");
      const flow = await step(statement, frame);
      if (flow.kind !== "next") return flow;
    }
    return NEXT;
  }

  async function step(s: Statement, frame: Frame): Promise<Flow> {
    switch (s.kind) {
      case "expression":
        await value(s.of, frame);
        return NEXT;
      case "assign":
        await assign(s.to, await value(s.value, frame), frame);
        return NEXT;
      case "if":
        for (const branch of s.branches) if (truthOf(await value(branch.when, frame))) return run(branch.body, frame);
        return run(s.otherwise, frame);
      case "while":
        return loop(s.body, frame, async () => truthOf(await value(s.when, frame)));
      case "each": {
        const items = [...((await value(s.of, frame)) as Iterable<Value>)];
        let i = 0;
        return loop(s.body, frame, () => i < items.length && (frame.vars.set(s.name.toLowerCase(), items[i++]), true));
      }
      case "count": {
        const to = Number(await value(s.to, frame));
        let i = Number(await value(s.from, frame));
        return loop(s.body, frame, () => i <= to && (frame.vars.set(s.name.toLowerCase(), i++), true));
      }
      case "try":
        try {
          return await run(s.body, frame);
        } catch (error) {
          frame.error = error as Error;
          return run(s.caught, frame);
        }
      case "return":
        return { kind: "return", value: s.value ? await value(s.value, frame) : undefined };
      case "raise":
        throw s.value ? new Raised(textOf(await value(s.value, frame))) : frame.error!;
      case "execute": {
        const code = parseModule("", `Процедура Код()\n${textOf(await value(s.value, frame))};\nКонецПроцедуры`);
        return run(code.methods[0]!.body, frame);
      }
      default:
        return s;
    }
  }

  async function loop(body: readonly Statement[], frame: Frame, goesOn: () => boolean | Promise<boolean>): Promise<Flow> {
    while (await goesOn()) {
      const flow = await run(body, frame);
      if (flow.kind === "return") return flow;
      if (flow.kind === "break") break;
    }
    return NEXT;
  }

  async function assign(to: Expression, given: Value, frame: Frame): Promise<void> {
    if (to.kind === "name") return void frame.vars.set(to.name.toLowerCase(), given);
    if (to.kind !== "member") throw new Error("assignment to an index is not played");
    (await value(to.of, frame) as Thing).set!(to.name, given);
  }

  async function value(e: Expression, frame: Frame): Promise<Value> {
    switch (e.kind) {
      case "value":
        return e.value;
      case "name": {
        const name = e.name.toLowerCase();
        if (frame.vars.has(name)) return frame.vars.get(name);
        if (globals.has(name)) return globals.get(name);
        throw new Raised(`переменная не определена (${e.name})`);
      }
      case "member":
        return (await value(e.of, frame) as Thing).get(e.name);
      case "index":
        return (await value(e.of, frame) as Thing).call!("Получить", [await value(e.at, frame)]);
      case "call":
        return call(e, frame);
      case "new":
        return platform.create(e.type ?? textOf(await value(e.args[0]!, frame)), await values(e.args, frame));
      case "unary": {
        const of = await value(e.of, frame);
        return e.sign === "-" ? -Number(of) : !truthOf(of);
      }
      case "binary": {
        const left = await value(e.left, frame);
        if (e.sign === "и" && !truthOf(left)) return false;
        if (e.sign === "или" && truthOf(left)) return true;
        return binary(e.sign, left, await value(e.right, frame));
      }
      case "choice":
        return value(truthOf(await value(e.when, frame)) ? e.yes : e.otherwise, frame);
      case "date":
        throw new Error("dates are not played");
    }
  }

  async function values(args: readonly (Expression | null)[], frame: Frame): Promise<Value[]> {
    const list: Value[] = [];
    for (const arg of args) list.push(arg ? await value(arg, frame) : undefined);
    return list;
  }

  async function call(e: Extract<Expression, { kind: "call" }>, frame: Frame): Promise<Value> {
    const args = await values(e.args, frame);
    if (e.of.kind === "name") {
      const own = methodOf(frame.module, e.of.name);
      if (own) return invoke(frame.module, own, args);
      if (e.of.name.toLowerCase() === "информацияобошибке") return frame.error;
      const native = functions.get(e.of.name.toLowerCase());
      if (!native) throw new Raised(`процедура не определена (${e.of.name})`);
      return native(...args);
    }
    if (e.of.kind !== "member") throw new Error("not a call");
    const other = e.of.of.kind === "name" && !frame.vars.has(e.of.of.name.toLowerCase()) ? byName.get(e.of.of.name.toLowerCase()) : undefined;
    if (other) return invoke(other, methodOf(other, e.of.name)!, args);
    const thing = (await value(e.of.of, frame)) as Thing;
    if (typeof thing?.call !== "function") throw new Raised(`значение не является значением объектного типа (${e.of.name})`);
    return thing.call(e.of.name, args);
  }

  return { run: (module: string, method: string, ...args: Value[]) => invoke(byName.get(module.toLowerCase())!, methodOf(byName.get(module.toLowerCase())!, method)!, args) };
}

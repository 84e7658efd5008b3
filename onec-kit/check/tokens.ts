/** Words of the 1C language. Only what the kit needs to be checked; it is no part of the application. */
export type Token = { kind: "name" | "keyword" | "string" | "number" | "date" | "sign" | "end"; text: string; line: number };

const KEYWORDS = new Set(
  ("процедура конецпроцедуры функция конецфункции экспорт знач перем если тогда иначеесли иначе конецесли пока цикл конеццикла для каждого из по прервать продолжить возврат " +
    "попытка исключение конецпопытки вызватьисключение выполнить новый и или не истина ложь неопределено null").split(" "),
);
const SIGNS = ["<>", "<=", ">=", "=", "<", ">", "+", "-", "*", "/", "%", "(", ")", "[", "]", ",", ";", ".", "?"];

export class BslError extends Error {}

/** Regions and compilation directives are checked for balance and left out. Throws `BslError` with the line. */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  const fail = (why: string, at: number) => new BslError(`строка ${at}: ${why}`);
  let [i, line, regions] = [0, 1, 0];
  while (i < text.length) {
    const c = text[i]!;
    const rest = text.slice(i, text.indexOf("\n", i) < 0 ? undefined : text.indexOf("\n", i));
    if (c === "\n") {
      line += 1;
      i += 1;
    } else if (/[\s\uFEFF]/.test(c)) i += 1;
    else if (rest.startsWith("//") || c === "&") i += rest.length;
    else if (c === "#") {
      if (/^#Область\s+\S+/.test(rest)) regions += 1;
      else if (/^#КонецОбласти\s*$/.test(rest)) regions -= 1;
      else throw fail(`неизвестная инструкция ${rest}`, line);
      if (regions < 0) throw fail("лишний #КонецОбласти", line);
      i += rest.length;
    } else if (c === '"') {
      const [value, next, lines] = readString(text, i, (why) => fail(why, line));
      tokens.push({ kind: "string", text: value, line });
      [i, line] = [next, line + lines];
    } else if (c === "'") {
      const found = /^'(\d{8}|\d{14})'/.exec(rest);
      if (!found) throw fail("дата не читается", line);
      tokens.push({ kind: "date", text: found[1]!, line });
      i += found[0].length;
    } else if (/\d/.test(c)) {
      const found = /^\d+(\.\d+)?/.exec(rest)![0];
      tokens.push({ kind: "number", text: found, line });
      i += found.length;
    } else if (/[\p{L}_]/u.test(c)) {
      const found = /^[\p{L}\p{N}_]+/u.exec(rest)![0];
      // After a dot every word is a name: Запрос.Выполнить().
      const isMember = tokens.at(-1)?.text === "." && tokens.at(-1)?.kind === "sign";
      tokens.push({ kind: !isMember && KEYWORDS.has(found.toLowerCase()) ? "keyword" : "name", text: found, line });
      i += found.length;
    } else {
      const sign = SIGNS.find((one) => rest.startsWith(one));
      if (!sign) throw fail(`знак «${c}» не из языка 1С`, line);
      tokens.push({ kind: "sign", text: sign, line });
      i += sign.length;
    }
  }
  if (regions !== 0) throw fail("область не закрыта", line);
  return [...tokens, { kind: "end", text: "", line }];
}

/** A string may go over several lines; each following one begins with `|`. */
function readString(text: string, from: number, fail: (why: string) => Error): [value: string, next: number, lines: number] {
  let [value, i, lines] = ["", from + 1, 0];
  for (;;) {
    const c = text[i];
    if (c === undefined) throw fail("строка не закрыта");
    if (c === '"' && text[i + 1] === '"') {
      value += '"';
      i += 2;
    } else if (c === '"') return [value, i + 1, lines];
    else if (c === "\n") {
      const bar = /^\s*(\/\/[^\n]*\n\s*)*\|/.exec(text.slice(i + 1));
      if (!bar) throw fail("строка не закрыта до конца строки текста");
      lines += 1 + bar[0].split("\n").length - 1;
      value += "\n";
      i += 1 + bar[0].length;
    } else {
      value += c;
      i += 1;
    }
  }
}

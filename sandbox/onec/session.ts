import { textOfAnswer, type Wire } from "./wire.ts";

/** What `checkauth` gave: sent back with each later call of the session. */
export type Session = { cookie: string; suffix: string };

/** УТ reads lines 1–4 by number; the value of line 3 is not trimmed. Throws with the whole answer as the error. */
export function readCheckauth(text: string, withoutSessid: boolean): Session {
  const lines = text.split("\n");
  if ((lines[0] ?? "").trim().toLowerCase() !== "success") throw new Error(`сайт отказал в подключении: ${text}`);
  const [, name, value, token] = lines;
  if (!name || !value) throw new Error("в ответе checkauth нет имени или значения cookie");
  if (value.includes("\r")) throw new Error("значение cookie кончается на CR: заголовок Cookie испорчен");
  return { cookie: `${name}=${value}`, suffix: withoutSessid ? "" : `&${token ? token : "sessid="}` };
}

export type Init = { zip: boolean; fileLimit: number | null };

/** Exactly two lines, or the exchange stops (commerceml.md 3.2). */
export function readInit(text: string): Init {
  const lines = text.split("\n");
  if (lines.length !== 2) throw new Error(`ответ init: ожидалось 2 строки, получено ${lines.length}`);
  const zip = /^zip=(yes|no)$/.exec((lines[0] ?? "").trim())?.[1];
  const limit = /^file_limit=(.*)$/.exec((lines[1] ?? "").trim())?.[1];
  if (zip === undefined || limit === undefined) throw new Error(`ответ init не читается: ${text}`);
  const bytes = Number(limit);
  return { zip: zip === "yes", fileLimit: Number.isInteger(bytes) && bytes > 0 ? bytes : null };
}

export type Verdict = { word: string; rest: string };

/** First line is the verdict, the rest goes to the log. */
export function readVerdict(text: string): Verdict {
  const at = text.indexOf("\n");
  const first = at < 0 ? text : text.slice(0, at);
  return { word: first.trim().toLowerCase(), rest: at < 0 ? "" : text.slice(at + 1) };
}

/** The body of `query` must begin with `<?xml` or `PK`; a BOM in front is an error. */
export function readQueryStart(bytes: Buffer, text: string): "xml" | "zip" {
  if (bytes.subarray(0, 2).toString("latin1") === "PK") return "zip";
  if (text.startsWith("<?xml")) return "xml";
  if (text.startsWith("\uFEFF")) throw new Error("ответ query начинается с BOM");
  throw new Error(`ответ query не XML: ${text.slice(0, 200)}`);
}

export async function checkauth(wire: Wire, type: "sale" | "catalog", withoutSessid: boolean): Promise<Session> {
  return readCheckauth(textOfAnswer(await wire.get(`type=${type}&mode=checkauth`, null)), withoutSessid);
}

/** What went over the wire during one call of an adapter, for the exchange log. Headers are left out: they carry credentials. */
import { AsyncLocalStorage } from "node:async_hooks";
import { redactBody, redactText } from "./redact.ts";

type Taped = { line: string; request: string; answer: string };

const store = new AsyncLocalStorage<Taped[]>();
/** An adapter call makes a handful of requests; more is a loop that must not fill the log. */
const RECORDS_MAX = 8;
const TEXT_MAX = 8_000;

/** Called by `httpCall` for each request, with what came back. */
export function tapHttp(method: string, url: string, request: string | undefined, answer: string): void {
  const records = store.getStore();
  if (!records || records.length >= RECORDS_MAX) return;
  const { origin, pathname, search } = URL.canParse(url) ? new URL(url) : { origin: "", pathname: url, search: "" };
  records.push({ line: `${method} ${origin}${pathname}${redactText(search)}`, request: (request ?? "").slice(0, TEXT_MAX), answer: answer.slice(0, TEXT_MAX) });
}

/** Runs `work` and gives back what it sent and received, personal data and secrets masked (SEC-03). */
export async function withHttpTap<T>(work: () => Promise<T>): Promise<{ value: T; request: string; answer: string }> {
  const records: Taped[] = [];
  const value = await store.run(records, work);
  return {
    value,
    request: records.map((r) => (r.request ? `${r.line}\n\n${redactBody(r.request)}` : r.line)).join("\n\n———\n\n"),
    answer: records.map((r) => redactBody(r.answer)).join("\n\n———\n\n"),
  };
}

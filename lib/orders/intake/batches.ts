import type { ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import type { OrderPatch } from "./order-patch.ts";

/** What doors bring: whole documents, or only what changed. */
export type Incoming = ReadOrder | OrderPatch;

/** Measured: fewer make more trips, more only hold locks longer. */
const DOCUMENTS_MAX = 250;
/** One order may have thousands of lines; a batch of them must not. */
const LINES_MAX = 5_000;

/** Cuts documents into batches in which no order is met twice: the second document of an order must see the first one's work. */
export function* splitIntoBatches(documents: readonly Incoming[]): Generator<Incoming[], void, undefined> {
  let batch: Incoming[] = [];
  let lines = 0;
  let keys = new Set<string>();
  for (const document of documents) {
    const own = keysOf(document);
    const size = document.kind === "order" ? document.lines.length : document.kind === "patch" ? document.lineCount : 0;
    if (batch.length > 0 && (batch.length >= DOCUMENTS_MAX || lines + size > LINES_MAX || own.some((key) => keys.has(key)))) {
      yield batch;
      batch = [];
      lines = 0;
      keys = new Set();
    }
    batch.push(document);
    lines += size;
    for (const key of own) keys.add(key);
  }
  if (batch.length > 0) yield batch;
}

function keysOf(document: Incoming): string[] {
  if (document.kind === "refused") return [];
  // A payment names its order by number or by GUID; which of the two cannot be told.
  if (document.kind === "other") return document.operation.baseRef === null ? [] : [`n:${document.operation.baseRef}`, `g:${document.operation.baseRef}`];
  if (document.kind === "patch") return [`n:${document.number}`, `g:${document.onecRef}`, `i:${document.orderId ?? ""}`].filter((key) => key.length > 2);
  return document.onecRef === "" ? [`n:${document.number}`] : [`n:${document.number}`, `g:${document.onecRef}`];
}

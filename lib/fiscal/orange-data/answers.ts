/** The tables of orange-data.md 4: what each answer means for the receipt. Pure. */
import type { ReceiptKind, SendOutcome, StatusOutcome } from "@/lib/fiscal/cash-register.ts";
import { fiscalQr } from "@/lib/kit/fiscal-qr.ts";
import type { HttpAnswer } from "@/lib/kit/http.ts";
import { parseJsonExactly } from "@/lib/kit/json.ts";
import { redactText } from "@/lib/kit/redact.ts";
import { Errors, ItemCodes, Registered } from "./wire.ts";

const retryMsMin = 5_000;
const retryMsMax = 3_600_000;
/** First pause after a call that surely never left (fiscal/README 2). */
const unreachedMs = 10_000;

const blocked = (code: string, message: string) => ({ kind: "blocked" as const, code, message });
const certificate = (status: number) => blocked("certificate", `HTTP ${status}: the client certificate was refused`);
const address = (status: number) => blocked("address", `HTTP ${status}: not an address of the service`);

function json(body: string): unknown {
  try {
    return parseJsonExactly(body);
  } catch {
    return undefined;
  }
}

function errorTexts(body: string, status: number): string {
  const read = Errors.safeParse(json(body));
  const text = read.success && read.data.errors.length > 0 ? read.data.errors.join("; ") : `HTTP ${status}`;
  return redactText(text.slice(0, 1000));
}

/** `Retry-After` in seconds, between 5 s and 1 h; another form of it means 5 s. */
export function retryAfterMs(header: string | undefined): number {
  const seconds = /^\d{1,9}$/.test(header?.trim() ?? "") ? Number(header) : 0;
  return Math.min(Math.max(seconds * 1000, retryMsMin), retryMsMax);
}

export function readSent(answer: HttpAnswer): SendOutcome {
  if (answer.kind === "unknown") return { kind: "unknown", message: answer.message };
  if (answer.kind === "unreached") return answer.reason === "tls" ? blocked("tls", answer.message) : { kind: "retry", afterMs: unreachedMs, message: answer.message };
  const { status, body, headers } = answer;
  if (status === 201) return { kind: "accepted", duplicate: false };
  if (status === 409) return { kind: "accepted", duplicate: true };
  if (status === 400) {
    const message = errorTexts(body, status);
    return { kind: "permanent", code: /подпис/i.test(message) ? "signature" : "validation", message };
  }
  if (status === 401 || status === 403) return certificate(status);
  if (status === 503 || status === 429) return { kind: "retry", afterMs: retryAfterMs(headers["retry-after"]), message: errorTexts(body, status) };
  if (status === 413) return { kind: "permanent", code: "too_large", message: "HTTP 413" };
  if (status >= 300 && status < 500) return address(status);
  return { kind: "unknown", message: `HTTP ${status}` };
}

type Asked = { externalId: string; totalKopecks: bigint; kind: ReceiptKind; receiptUrl: string | null };

export function readStatus(answer: HttpAnswer, asked: Asked): StatusOutcome {
  if (answer.kind === "unknown") return { kind: "unknown", message: answer.message };
  if (answer.kind === "unreached") return answer.reason === "tls" ? blocked("tls", answer.message) : { kind: "unknown", message: answer.message };
  const { status, body } = answer;
  if (status === 200) return registered(body, asked);
  if (status === 202) return { kind: "pending" };
  if (status === 400) return { kind: "absent" };
  if (status === 401 || status === 403) return certificate(status);
  if (status === 422) return { kind: "permanent", code: "item_code", message: itemCodeText(body) };
  if (status === 524) return { kind: "expired" };
  if (status >= 300 && status < 500 && status !== 429) return address(status);
  return { kind: "unknown", message: `HTTP ${status}` };
}

function registered(body: string, asked: Asked): StatusOutcome {
  const read = Registered.safeParse(json(body));
  if (!read.success) return { kind: "unknown", message: `an unreadable receipt at ${read.error.issues[0]?.path.join(".") || "the body"}` };
  const data = read.data;
  if (data.id !== asked.externalId) return { kind: "unknown", message: "the receipt of another id" };
  const fiscal = { fnNumber: data.fsnumber, fdNumber: data.documentnumber, fiscalSign: data.fp, registeredAtLocal: data.processedat };
  return {
    kind: "registered",
    fiscal: {
      ...fiscal,
      registerNumber: data.devicern,
      registerSerial: data.devicesn,
      shiftNumber: data.shiftnumber,
      numberInShift: data.documentindex,
      ofdName: data.ofdname ?? data.odfname,
      receiptUrl: asked.receiptUrl,
      qr: fiscalQr({ ...fiscal, totalKopecks: asked.totalKopecks, kind: asked.kind }),
    },
  };
}

function itemCodeText(body: string): string {
  const read = ItemCodes.safeParse(json(body));
  const positions = read.success ? read.data.map((each) => Number(each.position) + 1).join(", ") : "";
  return positions === "" ? "a marking code was not accepted" : `marking codes were not accepted in positions ${positions}`;
}

/** PayKeeper answers most errors with HTTP 200 and a Russian text; there are no codes (paykeeper.md 1). */
import { parseJsonExactly } from "@/lib/kit/json.ts";
import { refused, unknown, type Outcome } from "@/lib/kit/outcome.ts";
import { redactText } from "@/lib/kit/redact.ts";

export type FaultClass = "token_stale" | "auth" | "auth_or_protocol" | "not_found" | "wrong_state" | "validation" | "transient" | "ambiguous";

export type Fault = { class: FaultClass; message: string };

/** What the wire file tells us to do about each class. */
export const faultActions: Record<FaultClass, string> = {
  token_stale: "refetch_token_and_retry_once",
  auth: "stop_and_alert",
  auth_or_protocol: "stop_and_alert",
  not_found: "no_retry",
  wrong_state: "refresh_payment_state",
  validation: "no_retry",
  transient: "retry_later",
  ambiguous: "look_up_before_retry",
};

export type ReadAnswer = { ok: true; value: unknown } | { ok: false; fault: Fault };

const fail = (faultClass: FaultClass, message: string): ReadAnswer => ({ ok: false, fault: { class: faultClass, message: redactText(message.slice(0, 300)) } });

/** Sorts one HTTP answer. Numbers in the value are texts, one-element arrays around a single object are kept for the schema. */
export function readAnswer(answer: { status: number; contentType: string; body: string }): ReadAnswer {
  const { status } = answer;
  if (status === 401 || status === 403) return fail("auth", `HTTP ${status}`);
  if (status >= 300 && status < 400) return fail("auth_or_protocol", `HTTP ${status}: redirected`);
  if (status === 429) return fail("transient", "HTTP 429");
  if (status >= 500) return fail("ambiguous", `HTTP ${status}`);
  let value: unknown;
  try {
    value = parseJsonExactly(answer.body);
  } catch {
    // A login page says we are not let in; cut or missing JSON says nothing about what was done.
    return /html/i.test(answer.contentType) || /^\s*</.test(answer.body)
      ? fail("auth_or_protocol", `HTTP ${status}: a page instead of JSON`)
      : fail("ambiguous", `HTTP ${status}: unreadable answer`);
  }
  const single: unknown = Array.isArray(value) && value.length === 1 ? value[0] : value;
  if (typeof single === "object" && single !== null && "result" in single && single.result !== "success") {
    const text = "msg" in single && typeof single.msg === "string" ? single.msg : String(single.result);
    return fail(classOfText(text), text);
  }
  return status >= 400 ? fail("validation", `HTTP ${status}`) : { ok: true, value };
}

function classOfText(text: string): FaultClass {
  if (/токен безопасности/i.test(text)) return "token_stale";
  if (/не найден/i.test(text)) return "not_found";
  if (/статус которого не/i.test(text)) return "wrong_state";
  return "validation";
}

/** After a write, anything that does not clearly say "no" leaves the outcome open (acquirers/README rule 3). */
export function faultOutcome(fault: Fault, did: "read" | "write"): Exclude<Outcome<never>, { kind: "done" }> {
  const open = fault.class === "ambiguous" || (did === "write" && fault.class === "auth_or_protocol");
  const answer = open ? unknown(fault.message) : refused(fault.class === "token_stale" ? "auth" : fault.class, fault.message);
  if (answer.kind === "done") throw new TypeError("a fault is never done");
  return answer;
}

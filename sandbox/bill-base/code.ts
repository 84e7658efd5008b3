import { setTimeout as wait } from "node:timers/promises";
import { numberParam, type Fault } from "../core/faults.ts";
import { kopecks } from "../core/money.ts";
import { bodyOf, callSite, type Connection1C } from "../core/platform.ts";
import type { WireStep } from "../core/steps.ts";
import { readJson, textField, type Structure } from "../core/structure.ts";
import type { BillRow, BillRun, BillState } from "./state.ts";

const SHOWN = 1000;
const STEPS_MAX = 300;
const FORM = "application/x-www-form-urlencoded";

export type CodeRun = { state: BillState; to: Connection1C; report: BillRun; now: () => number; take(fault: string): Fault | null };

/** The whole code: one token, then `preview` and `send` for each row. A row that fails is told to the manager, the rest goes on. */
export async function sendInvoices(run: CodeRun, rows: readonly BillRow[]): Promise<void> {
  if (rows.length === 0) return;
  const token = run.take("wrong_token") ? "0000000000" : await readToken(run);
  for (const row of rows) await sendOne(run, row, token);
}

async function readToken(run: CodeRun): Promise<string> {
  const answer = await call(run, "GET", "/info/settings/token/", {});
  if (Object.hasOwn(answer, "token")) return textField(answer, "token");
  throw new Error(textField(answer, "msg"));
}

async function sendOne(run: CodeRun, row: BillRow, token: string): Promise<void> {
  const say = (text: string) => void row.says.push(text);
  const { settings } = run.state;
  // The body is glued together, not encoded.
  const body =
    `token=${token}&clientid=${row.clientid}&orderid=${row.orderid}&service_name=${row.service_name}&client_email=${row.client_email}` +
    `&client_phone=${row.client_phone}&expiry=${row.expiry}&pay_amount=${row.pay_amount}`;
  try {
    const made = await call(run, "POST", "/change/invoice/preview/", { "Content-Type": FORM }, body, "preview_answer_lost");
    if (textField(made, "result") === "fail") return say(textField(made, "msg"));
    const id = textField(made, "invoice_id");
    if (!/^\d{1,18}$/.test(id)) throw new Error(`invoice_id «${id}»: ожидалась строка из цифр`);
    row.invoiceId = id;
    row.invoiceUrl = textField(made, "invoice_url");
    row.status = "created";
    if (run.take("die_before_send")) throw new Died("1С упала между preview и send");
    const sent = await call(run, "POST", "/change/invoice/send/", settings.keepHeaders ? { "Content-Type": FORM } : {}, `token=${token}&id=${id}`, "send_answer_lost");
    if (textField(sent, "result") === "fail") return say(textField(sent, "msg"));
    row.isSent = true;
    row.status = "sent";
    run.report.sent += 1;
  } catch (error) {
    if (error instanceof Died) throw error;
    say(error instanceof Error ? error.message : String(error));
  }
}

class Died extends Error {}

/** A later job: what became of each invoice; a paid one is booked once. */
export async function pollInvoices(run: CodeRun): Promise<void> {
  for (const row of run.state.rows.filter((one) => one.invoiceId !== "" && one.status !== "expired")) {
    const invoice = await call(run, "GET", `/info/invoice/byid/?id=${row.invoiceId}`, {});
    if (Object.hasOwn(invoice, "result") && textField(invoice, "result") === "fail") {
      row.says.push(textField(invoice, "msg"));
      continue;
    }
    if (textField(invoice, "id") !== row.invoiceId) throw new Error(`вместо счёта ${row.invoiceId} пришёл ${textField(invoice, "id")}`);
    row.status = textField(invoice, "status");
    if (row.status !== "paid") continue;
    const slow = run.take("slow");
    if (slow) await wait(numberParam(slow, "seconds", 3, 120) * 1000);
    if (run.take("die_before_booking")) throw new Died("1С упала: оплата прочитана, не записана");
    bookInvoice(run, row, invoice);
  }
}

function bookInvoice({ state, report, now }: CodeRun, row: BillRow, invoice: Structure): void {
  if (state.documents.some((document) => document.invoiceId === row.invoiceId)) return;
  const sum = kopecks(textField(invoice, "pay_amount"));
  if (sum === null) throw new Error(`pay_amount «${textField(invoice, "pay_amount")}» не число`);
  const number = `УТ00-${String(++state.lastDocument).padStart(6, "0")}`;
  state.documents.push({ invoiceId: row.invoiceId, orderid: textField(invoice, "orderid"), number, at: now(), sum, paymentId: textField(invoice, "paymentid"), paidAt: textField(invoice, "paid_datetime") });
  report.booked += 1;
}

async function call(run: CodeRun, method: "GET" | "POST", resource: string, headers: Record<string, string>, text?: string, lossy?: string): Promise<Structure> {
  const step: WireStep = { request: `${method} ${resource}${text === undefined ? "" : ` ${text.replace(/token=[^&]*/, "token=•••")}`}`, status: null, answer: "" };
  if (run.report.steps.length < STEPS_MAX) run.report.steps.push(step);
  try {
    const answer = await callSite(run.to, {
      method, resource, headers: run.state.settings.expectContinue && text !== undefined ? { ...headers, Expect: "100-continue" } : headers,
      ...(text !== undefined && { body: bodyOf(text) }), loseAnswer: lossy !== undefined && run.take(lossy) !== null,
    });
    step.status = answer.status;
    step.answer = answer.text.slice(0, SHOWN);
    return readJson(answer.text);
  } catch (error) {
    step.error = error instanceof Error ? error.message : String(error);
    throw error;
  }
}

"use server";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import type { PayMethodCode } from "@/components/pay/method-texts.ts";
import { methodTexts } from "@/components/pay/method-texts.ts";
import type { Ctx } from "@/lib/context.ts";
import { issueInvoice } from "@/lib/invoices/index.ts";
import { DomainError } from "@/lib/kit/errors.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { mayAct } from "@/lib/orders/pay-throttle.ts";
import { openAttempt, renewLink, viewAttempt } from "@/lib/payments/index.ts";
import type { AttemptView } from "@/lib/payments/index.ts";
import { METHOD_COOKIE } from "./device.ts";
import type { PayFormState } from "./form-state.ts";
import { buyerContext, loadPayPage } from "./load.ts";

const YEAR_S = 365 * 24 * 3600;
const tooOften = "Слишком много попыток подряд. Подождите несколько минут и попробуйте ещё раз";
const failed = "Не получилось начать оплату. Подождите минуту и попробуйте ещё раз";

const text = (form: FormData, name: string, max = 300): string => {
  const value = form.get(name);
  return typeof value === "string" ? value.slice(0, max) : "";
};

/** The payment form: opens an attempt and leads to the bank, shows the QR code, or issues an invoice. */
export async function startPayment(before: PayFormState, form: FormData): Promise<PayFormState> {
  const token = text(form, "token");
  const chosen = text(form, "method");
  const method: PayMethodCode = Object.hasOwn(methodTexts, chosen) ? (chosen as PayMethodCode) : "card";
  const values = { method, contact: text(form, "contact"), inn: text(form, "inn"), kpp: text(form, "kpp"), name: text(form, "name"), address: text(form, "address") };
  const refuse = (errors: PayFormState["errors"]): PayFormState => ({ round: before.round + 1, errors, values });

  const row = await loadPayPage({ payToken: token });
  const ctx = await buyerContext();
  if (!(await mayAct(ctx, token))) return refuse({ form: tooOften });

  let goTo: string;
  try {
    if (method === "invoice") {
      const issued = await issueInvoice(ctx, { orderId: row.order.orderId, ...(row.company ? {} : { buyer: { inn: values.inn, kpp: values.kpp, name: values.name, address: values.address } }) });
      goTo = `/i/${issued.token}`;
    } else {
      const contact = values.contact.trim() || row.order.contact || "";
      const problem = contactProblem(contact);
      if (problem) return refuse({ contact: problem });
      const seen = text(form, "amountSeen", 20);
      const view = await openAttempt(ctx, {
        linkId: row.active?.linkId ?? row.link?.linkId ?? "",
        orderId: row.order.orderId,
        method,
        contact,
        amountSeenKopecks: /^\d{1,18}$/.test(seen) ? BigInt(seen) : 0n,
        formKey: text(form, "formKey", 64),
        returnUrl: `${ctx.publicUrl}/pay/${token}?back=1`,
      });
      const opened = await settled(ctx, view);
      goTo = opened.go?.kind === "redirect" && opened.state === "pending" ? opened.go.url : `/pay/${token}`;
    }
  } catch (error) {
    if (!(error instanceof DomainError)) {
      ctx.log.error({ err: error }, "payment form failed");
      return refuse({ form: failed });
    }
    const { field, reason, bar } = error.details;
    if (field === "contact" || field === "inn" || field === "kpp" || field === "name") return refuse({ [field]: error.message });
    if (reason === "buyer_unknown") return refuse({ inn: error.message });
    // Everything else is a state that the page itself explains.
    if (error.code === "conflict" && reason === "amount_changed") goTo = `/pay/${token}?seen=${text(form, "amountSeen", 20)}`;
    else if (error.code === "conflict" && (reason !== "not_payable" || bar)) goTo = `/pay/${token}`;
    else return refuse({ form: error.message });
  }
  (await cookies()).set(METHOD_COOKIE, method, { httpOnly: true, sameSite: "lax", path: "/", maxAge: YEAR_S, secure: ctx.publicUrl.startsWith("https:") });
  if (!goTo.startsWith("/") && (await headers()).has("next-action")) return { round: before.round, errors: {}, values, goTo };
  redirect(goTo);
}

function contactProblem(contact: string): string | null {
  const parsed = parseContact(contact);
  if (!("error" in parsed)) return null;
  switch (parsed.error) {
    case "empty":
      return "Напишите почту или телефон: на них придёт чек";
    case "too_long":
      return "Адрес длиннее 64 знаков, касса такой не примет";
    case "email":
      return "Проверьте адрес почты: например, ivan@mail.ru";
    case "phone":
      return "Проверьте телефон: например, +7 921 123-45-67";
  }
}

const SETTLE_LIMIT_MS = 8_000;
const SETTLE_PAUSE_MS = 250;

/** A double click finds the attempt whose call to the bank is still running: waits for it within a limit. */
async function settled(ctx: Ctx, view: AttemptView): Promise<AttemptView> {
  let now = view;
  for (let waited = 0; now.state === "created" && waited < SETTLE_LIMIT_MS; waited += SETTLE_PAUSE_MS) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_PAUSE_MS));
    now = await viewAttempt(ctx, view.attemptId);
  }
  return now;
}

function expected(error: unknown): null {
  if (error instanceof DomainError) return null;
  throw error;
}

/** «Запросить новую ссылку»: the order may be paid again, at its present sum. */
export async function requestNewLink(form: FormData): Promise<void> {
  const token = text(form, "token");
  const row = await loadPayPage({ payToken: token });
  const ctx = await buyerContext();
  const isRevoked = row.link?.state === "revoked";
  // A bar is a state that the page itself explains.
  const link = !isRevoked && row.order.payBar === null && (await mayAct(ctx, token)) ? await renewLink(ctx, row.order.orderId).catch(expected) : null;
  redirect(`/pay/${link?.token ?? token}`);
}

import type { Acquirer, CheckStep } from "@/lib/acquirers/acquirer.ts";
import { rublesText } from "@/lib/kit/money.ts";
import { done, refused, unknown, type Outcome } from "@/lib/kit/outcome.ts";
import { localDate } from "@/lib/kit/time.ts";
import { createClient, type ClientConfig, type ClientDeps } from "./client.ts";
import { paymentsOf } from "./lists.ts";
import { lookUp } from "./look.ts";
import { readNotification } from "./notification.ts";
import { createSign } from "./signature.ts";
import { invoiceFields, qrFields, seenRefund } from "./translate.ts";
import { CreatedInvoice, CreatedQr, Invoices, Refunds, Success } from "./wire.ts";

export type PayKeeperConfig = ClientConfig & {
  /** Signs notifications and the `/create/` form; not the API password. */
  secretWord: string;
  /** Who prints receipts (README decision 9). With `paykeeper` a cart would be needed, which this adapter never sends. */
  fiscalisation: "own" | "paykeeper";
};

/** Keep one instance per connection while its settings last: it holds the daily token. */
export function createPayKeeper(config: PayKeeperConfig, deps: ClientDeps): Acquirer {
  const client = createClient(config, deps);

  return {
    provider: "paykeeper",

    async open(payment, signal) {
      if (config.fiscalisation !== "own") return refused("config", "PayKeeper would print a receipt without lines");
      if (payment.method === "card") {
        const made = await client.post("/change/invoice/preview/", invoiceFields(payment), CreatedInvoice, signal);
        if (made.kind !== "done") return made;
        return done({ providerInvoiceId: made.value.invoice_id, providerPaymentId: null, go: { kind: "redirect", url: made.value.invoice_url } });
      }
      const signed = qrFields(payment);
      const unsigned = { pstype: "sbp_default", json: "true", lang: "ru", user_result_callback: payment.returnUrl };
      const made = await client.create({ ...signed, ...unsigned, sign: createSign(signed, config.secretWord) }, CreatedQr, signal);
      if (made.kind !== "done") return made;
      return done({ providerInvoiceId: null, providerPaymentId: made.value.payment_id, go: { kind: "qr", payload: made.value.qr_link } });
    },

    look: (ref, signal) => lookUp(client, ref, deps.now(), signal),

    async cancel(ref, signal) {
      if (ref.providerInvoiceId === null) return refused("wrong_state", "only an invoice can be withdrawn");
      const revoked = await client.post("/change/invoice/revoke/", { id: ref.providerInvoiceId }, Success, signal);
      return revoked.kind === "done" ? done(undefined) : revoked;
    },

    async capture(hold, signal) {
      if (client.heldStatuses.length === 0) return refused("config", "this cabinet takes money at once");
      const fields = { id: hold.providerPaymentId, ...(hold.partial && { amount: rublesText(hold.amountKopecks) }) };
      const taken = await client.post("/change/payment/capture/", fields, Success, signal);
      return taken.kind === "done" ? done(undefined) : taken;
    },

    async release(hold, signal) {
      if (client.heldStatuses.length === 0) return refused("config", "this cabinet takes money at once");
      const fields = { id: hold.providerPaymentId, amount: rublesText(hold.amountKopecks), partial: "false" };
      const released = await client.post("/change/payment/reverse/", fields, Success, signal);
      return released.kind === "done" ? done(undefined) : released;
    },

    async refund(request, signal) {
      const fields = { id: request.providerPaymentId, amount: rublesText(request.amountKopecks), partial: String(request.partial) };
      const accepted = await client.post("/change/payment/reverse/", fields, Success, signal);
      if (accepted.kind !== "done") return accepted;
      return done({ providerRefundId: null, state: "waiting", amountKopecks: request.amountKopecks, createdAt: null });
    },

    async listRefunds(providerPaymentId, signal) {
      const listed = await client.get("/info/refunds/bypaymentid/", [["id", providerPaymentId]], Refunds, signal);
      if (listed.kind === "refused" && listed.code === "not_found") return done([]);
      if (listed.kind !== "done") return listed;
      const seen = listed.value.map(seenRefund).filter((refund) => refund !== null);
      // A refund without a readable sum would make "how much went back" too small, and a repeat too easy.
      if (seen.length < listed.value.length) return unknown("a refund without a readable sum");
      return done(seen.toSorted((a, b) => (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0)));
    },

    listPayments: (period, signal) => paymentsOf(client, period, signal),
    readNotification: (raw) => readNotification(raw, config.secretWord, client.heldStatuses.length > 0),

    async check(signal) {
      const today = localDate(deps.now());
      const signIn = await step("Вход в кабинет PayKeeper", deps, () => client.token(signal, true));
      const lists = await step("Чтение счетов", deps, () => client.get("/info/invoice/list/", [["start_date", today], ["end_date", today], ["from", "0"], ["limit", "1"]], Invoices, signal));
      const secret = config.secretWord.trim() !== "";
      return [signIn, lists, { name: "Секретное слово", ok: secret, ms: 0, advice: secret ? null : "Укажите секретное слово из раздела «Получение информации о платежах» кабинета." }];
    },
  };
}

async function step(name: string, deps: ClientDeps, run: () => Promise<Outcome<unknown>>): Promise<CheckStep> {
  const started = deps.now().getTime();
  const outcome = await run();
  const ms = Math.max(0, deps.now().getTime() - started);
  if (outcome.kind === "done") return { name, ok: true, ms, advice: null };
  if (outcome.kind === "unreached") return { name, ok: false, ms, advice: `Сервер не отвечает (${outcome.message}). Проверьте адрес кабинета и доступ в интернет.` };
  if (outcome.kind === "refused" && outcome.code.startsWith("auth")) return { name, ok: false, ms, advice: "Логин или пароль не подошли. Нужен пользователь кабинета с доступом к API." };
  return { name, ok: false, ms, advice: `Неожиданный ответ: ${outcome.message}` };
}

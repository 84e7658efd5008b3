import type { World } from "../core/world.ts";
import { moscow } from "../core/clock.ts";
import { numberParam } from "../core/faults.ts";
import { rubles } from "../core/money.ts";
import { expectedReply, notificationKey } from "./sign.ts";
import { PS_CARD, type Payment, type PayKeeperState } from "./state.ts";

const REPLY_BYTES = 4096;

export type Notifier = {
  /** Starts notifying about money that came; resolves when the first try is over. */
  begin(payment: Payment): Promise<void>;
  /** repeatcnt: the counter goes to zero and a new round begins. */
  restart(payment: Payment): void;
  /** Puts due tries back on the clock after a restart of the sandbox. */
  resume(): void;
};

export function createNotifier(world: World, state: PayKeeperState, touch: () => void): Notifier {
  const secret = () => world.secrets.paykeeper.secretWord;

  function schedule(payment: Payment, at: number): void {
    payment.notifyAt = at;
    touch();
    world.clock.at(at, () => {
      if (payment.notifyAt === at) void attempt(payment);
    });
  }

  async function attempt(payment: Payment, parallel = 1): Promise<void> {
    payment.notifyAt = null;
    const tampered = !payment.muted && world.faults.take("paykeeper", "notify_tampered") !== null;
    const tries = Array.from({ length: parallel }, () => deliver(payment, tampered));
    const replies = await Promise.all(tries);
    payment.repeatCounter += parallel;
    if (replies.some(Boolean)) {
      if ((payment.status === "obtained" && !payment.heldUntil) || payment.status === "stuck") {
        payment.status = "success";
        payment.successAt = world.clock.now();
      }
      touch();
      return;
    }
    const pause = state.settings.retryPauses[payment.repeatCounter - 1];
    if (pause !== undefined) schedule(payment, world.clock.now() + pause * 1000);
    else if (payment.status === "obtained" && !payment.heldUntil) payment.status = "stuck";
    touch();
  }

  async function deliver(payment: Payment, tampered: boolean): Promise<boolean> {
    const url = state.settings.notifyUrl;
    if (payment.muted || url === "") {
      payment.lastReply = url === "" ? "адрес уведомлений не задан" : "уведомление потеряно (переключатель)";
      return false;
    }
    const body = notificationBody(payment, secret(), tampered);
    try {
      const answer = await fetch(url, {
        method: "POST",
        redirect: "manual",
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body,
        signal: AbortSignal.any([world.closing, AbortSignal.timeout(state.settings.notifyTimeoutSeconds * 1000)]),
      });
      const reply = await boundedText(answer);
      payment.lastReply = `${answer.status} ${reply.slice(0, 200)}`;
      const accepted = answer.status === 200 && reply === expectedReply(payment.id, secret());
      world.log("paykeeper", "notification", { payment: payment.id, orderid: payment.orderid, url, tampered, reply: payment.lastReply, accepted });
      return accepted;
    } catch (error) {
      payment.lastReply = `нет ответа: ${error instanceof Error ? error.message : String(error)}`;
      world.log("paykeeper", "notification", { payment: payment.id, orderid: payment.orderid, url, reply: payment.lastReply, accepted: false });
      return false;
    }
  }

  return {
    async begin(payment) {
      payment.muted = world.faults.take("paykeeper", "notify_never") !== null;
      const delay = world.faults.take("paykeeper", "notify_delay");
      if (delay) {
        schedule(payment, world.clock.now() + numberParam(delay, "seconds", 10, 86_400) * 1000);
        return;
      }
      const duplicate = world.faults.take("paykeeper", "notify_duplicate");
      await attempt(payment, duplicate ? Math.max(2, Math.floor(numberParam(duplicate, "n", 5, 50))) : 1);
    },
    restart(payment) {
      payment.repeatCounter = 0;
      payment.muted = false;
      schedule(payment, world.clock.now());
    },
    resume() {
      for (const payment of Object.values(state.payments)) {
        if (payment.notifyAt !== null) schedule(payment, Math.max(payment.notifyAt, world.clock.now()));
      }
    },
  };
}

/** The form exactly as PayKeeper sends it; optional fields are present and empty. */
export function notificationBody(payment: Payment, secret: string, tampered = false): string {
  const fields = { id: payment.id, sum: rubles(payment.amount), clientid: payment.clientid, orderid: payment.orderid };
  const key = notificationKey(fields, secret);
  return new URLSearchParams({
    ...fields,
    ...(tampered ? { sum: rubles(payment.amount + 100n) } : {}),
    ps_id: payment.psId,
    service_name: payment.serviceName,
    client_email: payment.email,
    client_phone: payment.phone,
    batch_date: payment.takenAt ? moscow(payment.takenAt) : "",
    bank_id: "",
    card_number: payment.psId === PS_CARD ? payment.cardNumber : "",
    card_holder: "",
    card_expiry: "",
    obtain_datetime: payment.obtainedAt === null ? "" : moscow(payment.obtainedAt),
    key,
  }).toString();
}

async function boundedText(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  if (!reader) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < REPLY_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.length;
  }
  await reader.cancel().catch(() => undefined);
  return Buffer.concat(chunks).toString("utf8");
}

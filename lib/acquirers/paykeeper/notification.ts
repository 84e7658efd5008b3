import type { NotificationReply, ProviderNotification, RawNotification } from "@/lib/acquirers/acquirer.ts";
import { acknowledgement, keyMatches } from "./signature.ts";
import { notifiedPayment } from "./translate.ts";
import { Notification } from "./wire.ts";

const reply = (status: number, body: string): NotificationReply => ({ status, contentType: "text/plain; charset=utf-8", body });

/**
 * A POST notification of a successful payment; failures and refunds are never announced. Genuine means signed by PayKeeper,
 * not that it fits one of our attempts: the signature has no separators, so a digit can wander from `id` to `sum`.
 * Whoever applies it compares sum and reference, and the poller reads the payment back. A two-stage cabinet notifies of the hold and
 * of the capture alike, and how to tell them apart is not confirmed: there it only names the payment, which is read back first.
 */
export function readNotification(raw: RawNotification, secretWord: string, isTwoStage = false): ProviderNotification {
  const fields = Notification.safeParse(Object.fromEntries(new URLSearchParams(raw.body)));
  if (!fields.success) return { kind: "forged", reason: "required fields are missing", reply: reply(400, "Error! Bad request") };
  const note = fields.data;
  if (!keyMatches(note, secretWord, note.key)) return { kind: "forged", reason: "the key does not match", reply: reply(403, "Error! Hash mismatch") };

  const answer = reply(200, acknowledgement(note.id, secretWord));
  // The sum is part of the key, so that a shifted copy cannot take the place of another payment's true event.
  const eventKey = `${isTwoStage && note.batch_date === "" ? "held" : "paid"}:${note.id}:${note.sum}`;
  const payment = notifiedPayment(note);
  if (!payment || isTwoStage) return { kind: "hint", eventKey, ref: { reference: note.orderid || null, providerPaymentId: note.id }, reply: answer };
  return { kind: "snapshot", eventKey, payment, reply: answer };
}

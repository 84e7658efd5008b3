import { toDataURL } from "qrcode";
import type { World } from "../core/world.ts";
import { same } from "../core/http.ts";
import { kopecks, rubles } from "../core/money.ts";
import { safeLink } from "../core/page.ts";
import { fail, type Answer } from "./wire.ts";
import type { Cabinet } from "./cabinet.ts";
import { expiryMoment, nameAndReturn } from "./fields.ts";
import { createSign } from "./sign.ts";
import { PS_SBP } from "./state.ts";

/** POST /create/: the signed form (section 7); with pstype=sbp_default and json=true it gives a dynamic QR. */
export async function createByForm(world: World, cabinet: Cabinet, form: URLSearchParams): Promise<Answer> {
  const field = (name: string) => form.get(name) ?? "";
  const amount = kopecks(field("sum"));
  if (amount === null || amount <= 0n) return { json: fail("Некорректная сумма платежа.") };
  const signed = {
    sum: rubles(amount),
    clientid: field("clientid"),
    orderid: field("orderid"),
    service_name: field("service_name"),
    client_email: field("client_email"),
    client_phone: field("client_phone"),
  };
  if (!same(field("sign").toLowerCase(), createSign(signed, world.secrets.paykeeper.secretWord))) {
    return { json: fail("Неверная подпись формы.") };
  }
  const expiry = field("expiry");
  const expiresAt = expiry === "" ? null : expiryMoment(expiry);
  if (expiry !== "" && expiresAt === null) return { json: fail("Некорректный срок оплаты.") };
  const order = {
    amount,
    clientid: signed.clientid,
    orderid: signed.orderid,
    serviceName: signed.service_name,
    email: signed.client_email,
    phone: signed.client_phone,
    expiresAt,
    returnUrl: safeLink(field("user_result_callback")) ?? nameAndReturn(signed.service_name).returnUrl,
  };
  if (field("pstype") !== "sbp_default") {
    const invoice = cabinet.createInvoice(order);
    return { location: `${world.baseUrl}/paykeeper/bill/${invoice.id}/` };
  }
  const payment = cabinet.startPayment(order, PS_SBP, null);
  if (world.faults.take("paykeeper", "notify_before_create_returns", "/create/")) await cabinet.finish(payment, "success");
  if (field("json") !== "true") return { location: `${world.baseUrl}/paykeeper/sbp/${payment.id}/` };
  const link = payment.qrLink ?? "";
  return { json: { payment_id: payment.id, qr_link: link, qr_code: await toDataURL(link, { margin: 2 }) } };
}

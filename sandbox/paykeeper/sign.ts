import { createHash } from "node:crypto";

const md5 = (text: string) => createHash("md5").update(text, "utf8").digest("hex");

/** Signature of a POST notification (section 8). */
export function notificationKey(f: { id: string; sum: string; clientid: string; orderid: string }, secret: string): string {
  return md5(f.id + f.sum + f.clientid + f.orderid + secret);
}

/** The only acknowledgement that counts. */
export function expectedReply(id: string, secret: string): string {
  return `OK ${md5(id + secret)}`;
}

export type CreateForm = { sum: string; clientid: string; orderid: string; service_name: string; client_email: string; client_phone: string };

/** Signature of the /create/ form; `sum` is given with two decimals here (section 7). */
export function createSign(f: CreateForm, secret: string): string {
  const text = f.sum + f.clientid + f.orderid + f.service_name + f.client_email + f.client_phone + secret;
  return createHash("sha256").update(text, "utf8").digest("hex");
}

/** CRC-16/CCITT-FALSE of an SBP link, four upper-case hex digits. */
export function qrCrc(link: string): string {
  let crc = 0xffff;
  for (const byte of Buffer.from(link, "utf8")) {
    crc ^= byte << 8;
    for (let i = 0; i < 8; i++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}

/** Dynamic SBP link with its check value. */
export function qrLink(base: string, qrcId: string, kopecks: bigint): string {
  const text = `${base}${qrcId}?type=02&bank=100000000004&sum=${kopecks}&cur=RUB`;
  return `${text}&crc=${qrCrc(text)}`;
}

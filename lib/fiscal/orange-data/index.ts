import { createHash, X509Certificate } from "node:crypto";
import { isCorrection, type CashRegister, type ReceiptKind } from "@/lib/fiscal/cash-register.ts";
import { readSent, readStatus } from "./answers.ts";
import { checkAccount } from "./check.ts";
import { createClient, type ClientConfig } from "./client.ts";
import { readSigningKey } from "./signature.ts";
import { documentBody } from "./translate.ts";

export type OrangeDataConfig = ClientConfig & {
  inn: string;
  /** Names the public key at Orange Data; usually the INN, newer accounts `INN_ID`. */
  key: string;
  /** Group of registers: `Main`, for FFD 1.2 `Main_2`. */
  group: string;
  /** By default the group tells it; a receipt of the other version is not expressible. */
  ffd?: "1.05" | "1.2";
  /** PEM or .NET XML. */
  signingKey: string;
  /** `https://cheques-lk.orangedata.ru`; null while the cabinet does not let buyers see receipts. */
  receiptUrlBase: string | null;
};

/** Corrections have doors of their own, one per format (orange-data.md 3). */
const doorOf = (kind: ReceiptKind, ffd: "1.05" | "1.2") => (!isCorrection(kind) ? "documents" : ffd === "1.2" ? "correction12" : "corrections");

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

/**
 * Keep one instance per connection while its settings last: it holds the TLS sockets.
 * @throws SigningKeyError, RangeError when the settings cannot work
 */
export function createOrangeData(config: OrangeDataConfig): CashRegister {
  const account = { inn: config.inn, key: config.key, group: config.group, ffd: config.ffd ?? (config.group.endsWith("_2") ? ("1.2" as const) : ("1.05" as const)) };
  const client = createClient(config, readSigningKey(config.signingKey));
  const receiptUrl = (externalId: string) =>
    config.receiptUrlBase === null ? null : `${config.receiptUrlBase.replace(/\/+$/, "")}/${config.inn}/${encodeURIComponent(externalId)}`;

  return {
    provider: "orange-data",

    prepare(receipt) {
      const body = documentBody(receipt, account);
      return { body, sha256: sha256(body), kind: receipt.kind, ffd: receipt.ffd };
    },

    async send(prepared, signal) {
      // 409 does not compare contents, so a body that changed since the first try must not go out under its id.
      if (sha256(prepared.body) !== prepared.sha256) return { kind: "permanent", code: "body_changed", message: "the stored body does not fit its digest" };
      return readSent(await client.post(`/api/v2/${doorOf(prepared.kind, prepared.ffd)}/`, prepared.body, signal));
    },

    async status(externalId, receipt, signal) {
      const answer = await client.get(`/api/v2/${doorOf(receipt.kind, receipt.ffd)}/${config.inn}/status/${encodeURIComponent(externalId)}`, signal);
      return readStatus(answer, { externalId, ...receipt, receiptUrl: receiptUrl(externalId) });
    },

    receiptUrl,
    check: (signal) => checkAccount(client, account, signal),
  };
}

/** When the client certificate ends; its end stops every receipt with 401, so staff are warned before. null when it is no certificate. */
export function certificateEndsAt(pem: string): Date | null {
  try {
    return new Date(new X509Certificate(pem).validTo);
  } catch {
    return null;
  }
}

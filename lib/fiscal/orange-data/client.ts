import type { KeyObject } from "node:crypto";
import { httpAgent, httpCall, type HttpAnswer } from "@/lib/kit/http.ts";
import { signBody } from "./signature.ts";

export type ClientConfig = {
  /** `https://api.orangedata.ru:12003`; plain HTTP only together with `extraHeaders`, for the sandbox. */
  baseUrl: string;
  clientCertPem: string;
  clientKeyPem: string;
  clientKeyPassphrase?: string;
  /** null = the authorities the system trusts. */
  caPem: string | null;
  /** Stands in for the client certificate where there is no TLS. */
  extraHeaders?: Readonly<Record<string, string>>;
};

export type Client = ReturnType<typeof createClient>;

/** @throws RangeError when the address would send receipts in the clear */
export function createClient(config: ClientConfig, signingKey: KeyObject) {
  const base = config.baseUrl.replace(/\/+$/, "");
  const secure = base.startsWith("https://");
  if (!secure && !(base.startsWith("http://") && config.extraHeaders)) throw new RangeError("Orange Data is reached over HTTPS only");
  const dispatcher = secure
    ? httpAgent({
        cert: config.clientCertPem, key: config.clientKeyPem, connections: 4,
        ...(config.clientKeyPassphrase === undefined ? {} : { passphrase: config.clientKeyPassphrase }),
        ...(config.caPem === null ? {} : { ca: config.caPem }),
      })
    : httpAgent({ connections: 4 });
  const headers = { accept: "application/json", ...config.extraHeaders };

  return {
    get: (path: string, signal: AbortSignal): Promise<HttpAnswer> => httpCall({ method: "GET", url: base + path, headers, dispatcher }, signal),
    /** Signs and sends the very same text. */
    post: (path: string, body: string, signal: AbortSignal): Promise<HttpAnswer> =>
      httpCall({ method: "POST", url: base + path, body, dispatcher, headers: { ...headers, "content-type": "application/json; charset=utf-8", "x-signature": signBody(body, signingKey) } }, signal),
  };
}

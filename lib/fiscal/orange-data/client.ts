import type { KeyObject } from "node:crypto";
import { httpAgent, httpCall, type HttpAnswer } from "@/lib/kit/http.ts";
import { signBody } from "./signature.ts";

export type ClientConfig = {
  /** `https://api.orangedata.ru:12003`; plain HTTP only together with `extraHeaders`, for the sandbox. */
  baseUrl: string;
  /** Both null only in the sandbox, which has no TLS. */
  clientCertPem: string | null;
  clientKeyPem: string | null;
  clientKeyPassphrase?: string;
  /** null = the authorities the system trusts. */
  caPem: string | null;
  /** Stands in for the client certificate where there is no TLS. */
  extraHeaders?: Readonly<Record<string, string>>;
};

export type Client = ReturnType<typeof createClient>;

/** @throws RangeError when receipts would go out in the clear or without a certificate */
export function createClient(config: ClientConfig, signingKey: KeyObject) {
  const base = config.baseUrl.replace(/\/+$/, "");
  const secure = base.startsWith("https://");
  if (!secure && !(base.startsWith("http://") && config.extraHeaders)) throw new RangeError("Orange Data is reached over HTTPS only");
  const { clientCertPem: cert, clientKeyPem: key } = config;
  if (secure && (cert === null || key === null)) throw new RangeError("Orange Data needs a client certificate and its key");
  const dispatcher = secure
    ? httpAgent({
        connections: 4,
        ...(cert === null ? {} : { cert }),
        ...(key === null ? {} : { key }),
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

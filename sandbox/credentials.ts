import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { secretsOfBase } from "./core/secrets.ts";
import type { World } from "./core/world.ts";
import type { BillBase } from "./bill-base/engine.ts";
import type { JsonBases } from "./json-base/bases.ts";
import { serviceAddress } from "./json-base/service-address.ts";
import type { Shop } from "./shop/engine.ts";
import type { OrangeState } from "./orange/state.ts";

export type SandboxUrls = { http: string; smtpHost: string; smtpPort: number; orangeTls: string };

/** `<dataDir>/sandbox/credentials.json` (0600): all that connections to the pretended world need. */
export function writeCredentials(dir: string, urls: SandboxUrls, world: World, orange: OrangeState, jsonBases: JsonBases, bills: BillBase, shop: Shop): void {
  const { paykeeper, orange: keys, onec } = world.secrets;
  const inn = orange.organizations[0]?.inn ?? "";
  const all = {
    baseUrl: urls.http,
    paykeeper: { baseUrl: `${urls.http}/paykeeper`, ...paykeeper },
    orange: {
      baseUrl: urls.orangeTls,
      plainBaseUrl: `${urls.http}/orange`,
      receiptBaseUrl: `${urls.http}/ofd`,
      inn,
      key: inn,
      group: "Main_2",
      organizations: orange.organizations,
      clientCertPem: keys.clientCertPem,
      clientKeyPem: keys.clientKeyPem,
      caPem: keys.caCertPem,
      signingPrivateKeyPem: keys.signingPrivateKeyPem,
    },
    mail: { smtpHost: urls.smtpHost, smtpPort: urls.smtpPort },
    onec,
    unf: (({ login, password }) => ({ login, password }))(secretsOfBase(world.dataDir, world.secrets, "unf")),
    bases: Object.fromEntries(jsonBases.list().map((base) => [base.name, { title: base.state.title, ...base.secrets(), serviceUrl: serviceAddress(base) }])),
    shop: { ...shop.secrets(), webhookUrl: shop.webhookUrl(), returnUrl: shop.returnUrl() },
    bills: { login: bills.secrets().login, password: bills.secrets().password },
  };
  const file = join(dir, "credentials.json");
  writeFileSync(`${file}.part`, `${JSON.stringify(all, null, 1)}\n`, { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

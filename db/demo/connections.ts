/** Connections of the demo to the sandbox. Everything comes from its credentials file; all are `test` for ever. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Ctx } from "@/lib/context.ts";
import { createConnection } from "@/lib/connections/index.ts";
import type { DemoParties } from "./parties.ts";

type Keys = { clientCertPem: string; clientKeyPem: string; caPem: string; signingPrivateKeyPem: string };
export type SandboxCredentials = {
  baseUrl: string;
  paykeeper: { baseUrl: string; login: string; password: string; secretWord: string };
  orange: Keys & { baseUrl: string; receiptBaseUrl: string; group: string; organizations: { inn: string; name: string }[] };
  mail: { smtpHost: string; smtpPort: number };
  onec: { login: string; password: string };
  unf: { login: string; password: string };
  /** Bases with an extension against the JSON exchange, by name. */
  bases: Record<string, { login: string; password: string; serviceUrl: string; service: { login: string; password: string; signingSecret: string } }>;
  bills: { login: string; password: string };
  shop: { apiKey: string; signingSecret: string; webhookUrl: string; returnUrl: string };
};

export const readSandboxCredentials = async (dataDir: string): Promise<SandboxCredentials> =>
  JSON.parse(await readFile(path.join(dataDir, "sandbox/credentials.json"), "utf8")) as SandboxCredentials;

export type DemoConnections = { acquirerId: string; acquirerDoor: string; onecId: string; workshopOnecId: string };

export async function seedConnections(ctx: Ctx, parties: DemoParties, sandbox: SandboxCredentials): Promise<DemoConnections> {
  const acquirer = await createConnection(ctx, {
    kind: "acquirer", provider: "paykeeper", name: "PayKeeper (песочница)", sellerOrgId: parties.houseOrgId, environment: "test",
    settings: { baseUrl: sandbox.paykeeper.baseUrl, login: sandbox.paykeeper.login },
    secret: { password: sandbox.paykeeper.password, secretWord: sandbox.paykeeper.secretWord },
  });
  const inns = [
    { sellerOrgId: parties.houseOrgId, inn: "9900000017", name: "Orange Data, ООО «Ладога» (песочница)" },
    { sellerOrgId: parties.craftOrgId, inn: "990000000299", name: "Orange Data, ИП Кузнецова (песочница)" },
  ];
  for (const { sellerOrgId, inn, name } of inns) {
    await createConnection(ctx, {
      kind: "register", provider: "orange_data", name, sellerOrgId, environment: "test",
      settings: { baseUrl: sandbox.orange.baseUrl, inn, key: inn, group: sandbox.orange.group, ffd: "1.2", receiptUrlBase: sandbox.orange.receiptBaseUrl },
      secret: { clientCertPem: sandbox.orange.clientCertPem, clientKeyPem: sandbox.orange.clientKeyPem, caPem: sandbox.orange.caPem, signingKey: sandbox.orange.signingPrivateKeyPem },
    });
  }
  const onec = await createConnection(ctx, {
    kind: "onec", provider: "commerceml", name: "1С: Управление торговлей (песочница)", sellerOrgId: null, storeId: parties.onlineStoreId, environment: "test",
    settings: { login: sandbox.onec.login, flavour: "ut" },
    secret: { password: sandbox.onec.password },
  });
  const workshop = await createConnection(ctx, {
    kind: "onec", provider: "commerceml", name: "1С: УНФ, мастерская (песочница)", sellerOrgId: null, storeId: parties.craftStoreId, environment: "test",
    settings: { login: sandbox.unf.login, flavour: "unf" },
    secret: { password: sandbox.unf.password },
  });
  await seedProgrammedBases(ctx, parties, sandbox);
  await createConnection(ctx, {
    kind: "shop", provider: "shop", name: "Интернет-магазин «Маяк» (песочница)", sellerOrgId: null, storeId: parties.onlineStoreId, environment: "test",
    settings: { onecConnectionId: onec.connectionId, returnUrls: [sandbox.shop.returnUrl], push: { url: sandbox.shop.webhookUrl } },
    secret: { apiKey: sandbox.shop.apiKey, pushSecret: sandbox.shop.signingSecret },
  });
  await createConnection(ctx, {
    kind: "mail", provider: "smtp", name: "Почта (песочница)", sellerOrgId: null, environment: "test",
    settings: { host: sandbox.mail.smtpHost, port: sandbox.mail.smtpPort, secure: false, from: "Ладога <kassa@ladoga.example>" },
    secret: {},
  });
  return { acquirerId: acquirer.connectionId, acquirerDoor: acquirer.door, onecId: onec.connectionId, workshopOnecId: workshop.connectionId };
}

/** «Розница» of the second store by JSON, told at once through its HTTP-сервис; and a base with the old PayKeeper code. */
async function seedProgrammedBases(ctx: Ctx, parties: DemoParties, sandbox: SandboxCredentials): Promise<void> {
  const { retail } = sandbox.bases;
  if (retail) {
    await createConnection(ctx, {
      kind: "onec", provider: "commerceml", name: "1С: Розница, Невский (песочница)", sellerOrgId: null, storeId: parties.nevskyStoreId, environment: "test",
      settings: { login: retail.login, doors: ["json"], push: { url: retail.serviceUrl, login: retail.service.login } },
      secret: { password: retail.password, pushPassword: retail.service.password, pushSecret: retail.service.signingSecret },
    });
  }
  await createConnection(ctx, {
    kind: "onec", provider: "commerceml", name: "1С с кодом PayKeeper (песочница)", sellerOrgId: null, storeId: parties.nevskyStoreId, environment: "test",
    settings: { login: sandbox.bills.login, doors: ["paykeeper"], paykeeper: { vatRate: "vat22", subject: "service" } },
    secret: { password: sandbox.bills.password },
  });
}

/** Tells the sandbox bank where to send its notifications. The door of the connection is kept between runs. */
export async function pointSandboxHere(sandbox: SandboxCredentials, publicUrl: string, door: string): Promise<void> {
  const answer = await fetch(`${sandbox.baseUrl}/_ctl/paykeeper/settings`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ notifyUrl: `${publicUrl}/api/acquirers/${door}/notifications` }),
    signal: AbortSignal.timeout(5_000),
  });
  if (!answer.ok) throw new Error(`the sandbox refused the notification address: ${answer.status}`);
}

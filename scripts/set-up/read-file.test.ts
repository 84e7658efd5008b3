import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { generateKeyPairSync } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import selfsigned from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";
import { newWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { checkSetUp, readSetUpFile } from "./read-file.ts";

let folder: string;
let certificate: { cert: string; private: string };
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), "kopeyka-set-up-"));
  certificate = await selfsigned.generate([{ name: "commonName", value: "7701234560" }], { keySize: 2048 });
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (value: unknown): string => {
  const file = path.join(folder, "my.json");
  writeFileSync(file, typeof value === "string" ? value : JSON.stringify(value));
  return file;
};
const payKeeper = () => ({
  provider: "paykeeper", name: "PayKeeper", environment: "live",
  settings: { baseUrl: "https://shop.server.paykeeper.ru/", login: "api" } as Record<string, unknown>,
  secret: { password: "p-1", secretWord: "w-1" } as Record<string, unknown>,
});
const problems = async (value: unknown, env = {}) => {
  const read = await readSetUpFile(write(value), env);
  return read.ok ? [] : read.problems;
};

test("a secret is a text, an environment variable or a file beside the JSON", async () => {
  writeFileSync(path.join(folder, "word.txt"), "from-file");
  const connection = { ...payKeeper(), secret: { password: { env: "PK_PASSWORD" }, secretWord: { file: "word.txt" } } };
  const read = await readSetUpFile(write({ connection }), { PK_PASSWORD: "from-env" });
  expect(read).toMatchObject({ ok: true, setUp: { connection: { enabled: true, settings: { baseUrl: "https://shop.server.paykeeper.ru" }, secret: { password: "from-env", secretWord: "from-file" } } } });
  expect(await problems({ connection })).toEqual(["connection.secret.password: the environment variable PK_PASSWORD is not set"]);
});

test("each wrong field is one line with its place, and no value", async () => {
  const connection = payKeeper();
  connection.settings = { baseUrl: "http://shop.server.paykeeper.ru", loginn: "api" };
  connection.secret = { password: "very-secret-1", secretWord: "" };
  const said = await problems({ connection });
  expect(said.toSorted()).toEqual(["connection.secret.secretWord: must not be empty", "connection.settings.login: is missing", "connection.settings: unknown field loginn"].toSorted());
  expect(said.join()).not.toContain("very-secret-1");
});

test("a 1C base: its table of pay methods, its states and its clock may stand in the file, and nonsense may not", async () => {
  const connection = { provider: "commerceml", name: "Розница", environment: "live", settings: { login: "roznica" } as Record<string, unknown>, secret: { password: "exchange-1" } };
  const told = {
    flavour: "ut103", methodNames: { card: { id: "12", name: "Эквайринг Сбербанк" } }, statusMap: { "Выполнен": "completed", "Отменён": "cancelled" }, paymentStates: ["Новый"], siteOrders: "when_paid",
    createOrders: false, zeroRateMeans: "vat0", zone: "Asia/Vladivostok",
  };
  Object.assign(connection.settings, told);
  expect(await problems({ connection })).toEqual([]);
  for (const [wrong, line] of [
    [{ flavour: "bitrix" }, "settings.flavour"], [{ methodNames: { bitcoin: { id: "1", name: "x" } } }, "settings.methodNames"], [{ methodNames: { card: { id: "", name: "x" } } }, "settings.methodNames.card.id"],
    [{ methodNames: { card: { name: "Карта" } } }, "settings.methodNames.card.id: is missing"], [{ statusMap: { "Выполнен": "done" } }, "settings.statusMap"], [{ zone: "МСК" }, "settings.zone: is no time zone"], [{ createOrders: "no" }, "settings.createOrders"],
    [{ zeroRateMeans: "0" }, "settings.zeroRateMeans"], [{ siteOrders: "never" }, "settings.siteOrders"],
  ] as const) {
    expect(await problems({ connection: { ...connection, settings: { ...connection.settings, ...wrong } } })).toEqual([expect.stringContaining(line)]);
  }
});

test("two stages, the tariff and the columns of a registry: what the bank's contract says may stand in the file, and nonsense may not", async () => {
  const connection = payKeeper();
  const told = { stages: "two", heldStatuses: ["hold"], feePercent: "2.1", payout: "daily", merchantId: ["20001234"], zone: "Asia/Yekaterinburg", registryColumns: { fee: "Удержано" } };
  Object.assign(connection.settings, told);
  expect(await problems({ connection })).toEqual([]);
  for (const [wrong, line] of [
    [{ feePercent: "200" }, "settings.feePercent: is no percentage"], [{ stages: "one" }, "settings.heldStatuses: means nothing without"], [{ zone: "Moscow" }, "settings.zone: is no time zone"], [{ payout: "weekly" }, "settings.payout"],
    [{ registryColumns: { comission: "Удержано" } }, "settings.registryColumns"],
  ] as const) {
    expect(await problems({ connection: { ...connection, settings: { ...connection.settings, ...wrong } } })).toEqual([expect.stringContaining(line)]);
  }
});

test("SEC: a live connection over plain HTTP is refused, a test one may stand on this machine", async () => {
  const connection = payKeeper();
  connection.settings["baseUrl"] = "http://127.0.0.1:4000/paykeeper";
  expect(await problems({ connection })).toEqual(["connection.settings.baseUrl: must begin with https:// in a live connection"]);
  expect(await problems({ connection: { ...connection, environment: "test" } })).toEqual([]);
});

test("2.7: where a base's money goes must be one of its doors; a push needs its secret, JSON and, outside of the own network, https", async () => {
  const base = (settings: object, secret: object = {}) => problems({ connection: { provider: "commerceml", name: "УТ", environment: "live", settings: { login: "ut", ...settings }, secret: { password: "exchange-1", ...secret } } });
  const pushSecret = newWebhookSecret();
  const json = { doors: ["commerceml", "json"], moneyChannel: "json" };
  expect(await base({ ...json, push: { url: "https://1c.romashka.ru/ut/hs/kopeyka/events", login: "site" } }, { pushSecret, pushPassword: "p" })).toEqual([]);
  expect(await base({ ...json, push: { url: "http://192.168.1.7/ut/hs/kopeyka/events" } }, { pushSecret })).toEqual([]);
  for (const [settings, secret, said] of [
    [{ doors: ["commerceml"], moneyChannel: "json" }, {}, "settings.moneyChannel: must be one of settings.doors"],
    [{ push: { url: "https://1c.romashka.ru/hs" } }, { pushSecret }, "settings.push: means nothing while"],
    [{ ...json, push: { url: "https://1c.romashka.ru/hs" } }, {}, "secret.pushSecret: is missing"],
    [{ ...json, push: { url: "http://1c.romashka.ru/hs" } }, { pushSecret }, "settings.push.url: must begin with https://"],
    [{ ...json, push: { url: "https://site:secret@1c.romashka.ru/hs" } }, { pushSecret }, "settings.push.url: must not hold a login"],
    [{ ...json, push: { url: "https://1c.romashka.ru/hs" } }, { pushSecret: "whsec_short" }, "secret.pushSecret: is no signing secret"],
  ] as const) {
    expect(await base(settings, secret)).toEqual([expect.stringContaining(said)]);
  }
});

test("no file, no JSON, nothing in it, an unknown provider: one line each", async () => {
  expect(await readSetUpFile(path.join(folder, "none.json"), {})).toMatchObject({ ok: false, problems: [expect.stringContaining("cannot be read")] });
  expect(await problems("{,}")).toEqual(["is no JSON: look for a comma too many or a missing quote"]);
  expect(await problems({})).toEqual(["says nothing: give seller, store, bankAccount, director or connection"]);
  expect(await problems({ connection: { ...payKeeper(), provider: "sber" } })).toEqual(["connection.provider: must be one of paykeeper, orange_data, commerceml, smtp, shop"]);
});

test("NUM-09: INN, KPP and account numbers are checked by their digits", async () => {
  const seller = {
    brandName: "Ромашка", legalName: "ООО «Ромашка»", inn: "7701234561", taxSystem: "osn", address: "Москва", phone: "8 800 555-35-35", email: "shop@romashka.example", siteUrl: "https://romashka.example",
  };
  expect((await problems({ seller })).toSorted()).toEqual(["seller.inn: is no INN: ten or twelve digits with a right check digit", "seller.kpp: is missing: a company has one"]);
  const right = { ...seller, inn: "9900000017", kpp: "990101001" };
  expect(checkSetUp({ seller: right })).toMatchObject({ ok: true, setUp: { seller: { phone: "+78005553535" } } });
  expect(await problems({ seller: { ...right, kpp: undefined } })).toEqual(["seller.kpp: is missing: a company has one"]);
  expect(await problems({ seller: right, bankAccount: { bankName: "ПАО СБЕРБАНК", bik: "044525225", account: "40702810938000012346" } })).toEqual(["bankAccount.account: does not fit the BIK: a digit is wrong"]);
});

const orange = () => ({
  provider: "orange_data", name: "Orange Data", environment: "live", sellerInn: "9900000017",
  settings: { group: "Main_2" } as Record<string, unknown>,
  secret: { clientCertPem: certificate.cert, clientKeyPem: certificate.private, signingKey: certificate.private },
});

test("FISC-10: certificate and keys of Orange Data are looked at before they are stored", async () => {
  expect(await problems({ connection: orange() })).toEqual([]);
  const other = generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem" }, publicKeyEncoding: { type: "spki", format: "pem" } });
  const locked = generateKeyPairSync("rsa", {
    modulusLength: 2048, privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "1234" }, publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const withSecret = (secret: object) => problems({ connection: { ...orange(), secret: { ...orange().secret, ...secret } } });
  expect(await withSecret({ clientKeyPem: other.privateKey })).toEqual(["connection.secret.clientKeyPem: is not the key of clientCertPem"]);
  expect(await withSecret({ clientKeyPem: locked.privateKey })).toEqual([expect.stringContaining("connection.secret.clientKeyPem: has a pass phrase")]);
  expect(await withSecret({ signingKey: "<RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue>" })).toEqual([expect.stringContaining("connection.secret.signingKey: ")]);
  expect(await problems({ connection: { ...orange(), settings: { group: "Main_2", inn: "990000000299" } } })).toEqual([expect.stringContaining("connection.settings.inn: is not the INN of the seller")]);
});

import { createHash, createPublicKey, verify } from "node:crypto";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import selfsigned from "selfsigned";
import { afterEach, describe, expect, test } from "vitest";
import type { FiscalReceipt } from "@/lib/fiscal/cash-register.ts";
import vectors from "./fixtures/vectors.json";
import { certificateEndsAt, createOrangeData, type OrangeDataConfig } from "./index.ts";

type Reply = { status?: number; body?: string; headers?: Record<string, string>; cut?: boolean };
type Seen = { method: string; path: string; headers: IncomingMessage["headers"]; body: string };

const servers: Server[] = [];
let seen: Seen[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  seen = [];
});

const answering = (reply: (call: Seen) => Reply): RequestListener => (request, response) => {
  void (async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const call = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() };
    seen.push(call);
    const { status = 200, body = "", headers = {}, cut } = reply(call);
    if (cut) return response.destroy();
    return response.writeHead(status, headers).end(body);
  })();
};

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  return (server.address() as AddressInfo).port;
}

const settings: Omit<OrangeDataConfig, "baseUrl"> = {
  inn: "7709123453", key: "7709123453", group: "Main_2", clientCertPem: null, clientKeyPem: null, caPem: null,
  signingKey: vectors.test_key.private_pkcs8_pem, receiptUrlBase: "https://cheques-lk.orangedata.ru/",
};
const plain = async (reply: (call: Seen) => Reply) =>
  createOrangeData({ ...settings, baseUrl: `http://127.0.0.1:${await listen(createServer(answering(reply)))}/`, extraHeaders: { "x-client-certificate": "sandbox" } });
const signal = () => new AbortController().signal;

const receipt: FiscalReceipt = {
  externalId: "ord-2026-000417-s1-k3x9qa", kind: "income", ffd: "1.2", taxSystem: "usn_income", contact: "+79161234567", buyer: null,
  lines: [{ name: "Доставка", priceKopecks: 35000n, quantity: "1", sumKopecks: 35000n, vat: "none", vatKopecks: 0n, method: 4, subject: 4, measure: 0, orderLineId: null, markCode: null }],
  payments: { electronicKopecks: 35000n, cashKopecks: 0n, prepaidKopecks: 0n, creditKopecks: 0n }, totalKopecks: 35000n, internet: true, senderEmail: null, placeUrl: null, meta: "receipt-1", correction: null, additionalAttribute: null,
};
const asked = { totalKopecks: 273900n, kind: "income" as const, ffd: "1.2" as const };
// orange-data.md 6, with the spellings seen in the wild.
const fiscalised = {
  id: receipt.externalId, DeviceSN: "0000000000004477", deviceRN: "0000000412345678", fsNumber: "9999078902004477", odfName: " Тестовый ОФД ", ofdinn: "7709123453",
  companyINN: "7709123453  ", documentNumber: 1042, shiftNumber: 18, documentIndex: 5, processedAt: "2026-03-05T09:07:08", content: { Type: 1 }, change: 0.0, fp: "3156204417",
};

describe("sending", () => {
  test("the prepared bytes go out as they are, signed, to the path with its slash", async () => {
    const register = await plain(() => ({ status: 201 }));
    const prepared = register.prepare(receipt);
    expect(() => register.prepare({ ...receipt, ffd: "1.05" })).toThrow(expect.objectContaining({ field: "ffd" }) as Error);
    expect(prepared.sha256).toBe(createHash("sha256").update(prepared.body).digest("hex"));
    expect(register.prepare(receipt)).toEqual(prepared);
    expect(await register.send(prepared, signal())).toEqual({ kind: "accepted", duplicate: false });
    const [call] = seen;
    expect([call?.method, call?.path, call?.body]).toEqual(["POST", "/api/v2/documents/", prepared.body]);
    expect(call?.headers).toMatchObject({ "content-type": "application/json; charset=utf-8", "x-client-certificate": "sandbox" });
    expect(verify("RSA-SHA256", Buffer.from(call?.body ?? ""), createPublicKey(vectors.test_key.public_spki_pem), Buffer.from(String(call?.headers["x-signature"]), "base64"))).toBe(true);
  });

  test("orange-data.md 3: corrections have doors of their own, one per format", async () => {
    const register = await plain(({ method }) => ({ status: method === "POST" ? 201 : 202 }));
    const prepared = register.prepare({ ...receipt, kind: "income_correction", correction: { basis: "own", settledOn: "2026-11-19", orderNumber: null } });
    await register.send(prepared, signal());
    await register.send({ ...prepared, ffd: "1.05" }, signal());
    expect(await register.status("a-1", { ...asked, kind: "income_correction" }, signal())).toEqual({ kind: "pending" });
    await register.status("a-1", { ...asked, kind: "income_return_correction", ffd: "1.05" }, signal());
    expect(seen.map((call) => call.path)).toEqual(["/api/v2/correction12/", "/api/v2/corrections/", "/api/v2/correction12/7709123453/status/a-1", "/api/v2/corrections/7709123453/status/a-1"]);
  });

  test("a body that changed since it was prepared is not sent", async () => {
    const register = await plain(() => ({ status: 201 }));
    const prepared = register.prepare(receipt);
    expect(await register.send({ ...prepared, body: `${prepared.body} ` }, signal())).toMatchObject({ kind: "permanent", code: "body_changed" });
    expect(seen).toEqual([]);
  });

  test.each<[Reply, object]>([
    [{ status: 409 }, { kind: "accepted", duplicate: true }],
    [{ status: 400, body: '{"Errors":["Не указан ИНН организации \'INN\'","ещё"]}' }, { kind: "permanent", code: "validation", message: "Не указан ИНН организации 'INN'; ещё" }],
    [{ status: 400, body: '{"errors":["Подпись не прошла проверку"]}' }, { kind: "permanent", code: "signature" }],
    [{ status: 400, body: "<html>" }, { kind: "permanent", code: "validation", message: "HTTP 400" }],
    [{ status: 401 }, { kind: "blocked", code: "certificate" }],
    [{ status: 404 }, { kind: "blocked", code: "address" }],
    [{ status: 301, headers: { location: "/" } }, { kind: "blocked", code: "address" }],
    [{ status: 503, headers: { "retry-after": "120" } }, { kind: "retry", afterMs: 120_000 }],
    [{ status: 503, headers: { "retry-after": "1" } }, { kind: "retry", afterMs: 5_000 }],
    [{ status: 503, headers: { "retry-after": "99999" } }, { kind: "retry", afterMs: 3_600_000 }],
    [{ status: 503 }, { kind: "retry", afterMs: 5_000 }],
    [{ status: 500 }, { kind: "unknown" }],
    [{ status: 200 }, { kind: "unknown" }],
    [{ cut: true }, { kind: "unknown" }],
  ])("orange-data.md 4.1: %j", async (reply, expected) => {
    const register = await plain(() => reply);
    expect(await register.send(register.prepare(receipt), signal())).toMatchObject(expected);
    expect(seen).toHaveLength(1);
  });

  test("a closed port is a safe repeat, an abandoned call is not", async () => {
    const closed = createOrangeData({ ...settings, baseUrl: "http://127.0.0.1:1", extraHeaders: {} });
    expect(await closed.send(closed.prepare(receipt), signal())).toMatchObject({ kind: "retry", afterMs: 10_000 });
    const stop = new AbortController();
    const register = await plain(() => {
      stop.abort();
      return { cut: true };
    });
    expect(await register.send(register.prepare(receipt), stop.signal)).toMatchObject({ kind: "unknown" });
  });
});

describe("status", () => {
  test("200 is a registered receipt with its QR, whatever the case of the keys", async () => {
    const register = await plain(() => ({ body: JSON.stringify(fiscalised) }));
    expect(await register.status(receipt.externalId, asked, signal())).toEqual({
      kind: "registered",
      fiscal: {
        fnNumber: "9999078902004477", fdNumber: "1042", fiscalSign: "3156204417", registerNumber: "0000000412345678", registerSerial: "0000000000004477",
        shiftNumber: 18, numberInShift: 5, registeredAtLocal: "2026-03-05T09:07:08", ofdName: "Тестовый ОФД",
        receiptUrl: `https://cheques-lk.orangedata.ru/7709123453/${receipt.externalId}`,
        qr: "t=20260305T0907&s=2739.00&fn=9999078902004477&i=1042&fp=3156204417&n=1",
      },
    });
    expect([seen[0]?.path, seen[0]?.headers["x-signature"]]).toEqual([`/api/v2/documents/7709123453/status/${receipt.externalId}`, undefined]);
  });

  test.each<[Reply, object]>([
    [{ status: 202 }, { kind: "pending" }],
    [{ status: 400, body: '{"errors":["Организация не найдена"]}' }, { kind: "absent" }],
    [{ status: 401 }, { kind: "blocked", code: "certificate" }],
    [{ status: 422, body: '[{"position":0,"itemCode":"01","checkResult":{}},{"position":3,"itemCode":"02"}]' }, { kind: "permanent", code: "item_code", message: expect.stringContaining("1, 4") }],
    [{ status: 422, body: '{"errors":[{"position":1}]}' }, { kind: "permanent", code: "item_code", message: expect.stringContaining("2") }],
    [{ status: 524 }, { kind: "expired" }],
    [{ status: 500 }, { kind: "unknown" }],
    [{ status: 503 }, { kind: "unknown" }],
    [{ status: 404 }, { kind: "blocked", code: "address" }],
    [{ body: "" }, { kind: "unknown" }],
    [{ body: "<html>502</html>" }, { kind: "unknown" }],
    [{ body: JSON.stringify({ ...fiscalised, fp: undefined }) }, { kind: "unknown" }],
    [{ body: JSON.stringify({ ...fiscalised, id: "another" }) }, { kind: "unknown" }],
    [{ cut: true }, { kind: "unknown" }],
  ])("orange-data.md 4.2: %j", async (reply, expected) => {
    const register = await plain(() => reply);
    expect(await register.status(receipt.externalId, asked, signal())).toMatchObject(expected);
  });
});

describe("connection", () => {
  const pems = (name: string) => selfsigned.generate([{ name: "commonName", value: name }], { keySize: 2048, algorithm: "sha256", extensions: [{ name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] }] });

  test("mutual TLS: our certificate in, no or a foreign certificate blocked, a foreign server refused", async () => {
    const [server, client, stranger] = await Promise.all([pems("server"), pems("client"), pems("stranger")]);
    const tls = createTlsServer({ key: server.private, cert: server.cert, ca: client.cert, requestCert: true, rejectUnauthorized: true }, answering(() => ({ status: 201 })));
    const baseUrl = `https://127.0.0.1:${await listen(tls as unknown as Server)}`;
    const make = (cert: { cert: string; private: string }, caPem: string | null) => createOrangeData({ ...settings, baseUrl, clientCertPem: cert.cert, clientKeyPem: cert.private, caPem });

    const good = make(client, server.cert);
    expect(await good.send(good.prepare(receipt), signal())).toEqual({ kind: "accepted", duplicate: false });
    // This server hangs up on a foreign certificate instead of answering 401: nobody can tell that from a lost answer.
    const foreign = make(stranger, server.cert);
    expect(await foreign.send(foreign.prepare(receipt), signal())).toMatchObject({ kind: "unknown" });
    expect((await foreign.check(signal()))[0]).toMatchObject({ ok: false, advice: expect.stringContaining("сертификат") });
    for (const wrong of [make(client, null), make(client, stranger.cert)]) {
      expect(await wrong.send(wrong.prepare(receipt), signal())).toMatchObject({ kind: "blocked", code: "tls" });
    }
    expect(seen).toHaveLength(1);
    expect(certificateEndsAt(client.cert)?.getTime()).toBeGreaterThan(Date.parse("2026-01-01"));
    expect(certificateEndsAt("nonsense")).toBeNull();
  });

  test("receipts never leave in the clear, and a bad key is found when the adapter is made", () => {
    expect(() => createOrangeData({ ...settings, baseUrl: "http://api.orangedata.ru:12003" })).toThrow(RangeError);
    expect(() => createOrangeData({ ...settings, baseUrl: "https://api.orangedata.ru:12003" })).toThrow("client certificate");
    expect(() => createOrangeData({ ...settings, baseUrl: "https://api.orangedata.ru:12003", signingKey: "x" })).toThrow("PEM");
  });

  test("the check tells a closed port from a refused certificate and a refused signature", async () => {
    const all = await plain((call) => (call.path.startsWith("/api/v2/devices") ? { body: '{"devices":[{"deviceSN":"1","fsExpirationDate":"2027-01-01T00:00:00"}]}' } : {}));
    expect((await all.check(signal())).map((step) => [step.name, step.ok])).toEqual([["Адрес и порт", true], ["Сертификат и подпись", true], ["Кассы группы", true]]);
    expect(seen.map((call) => call.path)).toEqual(["/api/v2/", "/api/v2/check/", "/api/v2/devices/status/7709123453/Main_2"]);
    expect(seen[1]?.body).toBe('{"inn":"7709123453","group":"Main_2","key":"7709123453"}');

    const empty = await plain((call) => (call.path.startsWith("/api/v2/devices") ? { body: '{"devices":[]}' } : {}));
    expect((await empty.check(signal())).at(-1)).toMatchObject({ ok: false, advice: expect.stringContaining("ни одной кассы") });
    const signature = await plain((call) => (call.path === "/api/v2/check/" ? { status: 400 } : {}));
    expect((await signature.check(signal())).at(-1)).toMatchObject({ ok: false, advice: expect.stringContaining("Подпись") });
    const refused = await plain(() => ({ status: 401 }));
    expect((await refused.check(signal())).at(-1)).toMatchObject({ ok: false, advice: expect.stringContaining("сертификат") });
    const closed = createOrangeData({ ...settings, baseUrl: "http://127.0.0.1:1", extraHeaders: {} });
    expect(await closed.check(signal())).toMatchObject([{ ok: false, advice: expect.stringContaining("Порт закрыт") }]);
  });

  test("the receipt link is known before registration, or there is none", async () => {
    const register = await plain(() => ({}));
    expect(register.receiptUrl("a-1")).toBe("https://cheques-lk.orangedata.ru/7709123453/a-1");
    expect(createOrangeData({ ...settings, receiptUrlBase: null, baseUrl: "http://127.0.0.1:1", extraHeaders: {} }).receiptUrl("a-1")).toBeNull();
  });
});

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { sign } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import fixture from "./fixtures/orange-vectors.json" with { type: "json" };
import { fiscalQr, printed } from "./orange/ofd-page.ts";
import type { FiscalData } from "./orange/state.ts";
import { checkReceipt, hasExponent } from "./orange/validate.ts";
import { createSandbox, type Sandbox } from "./server.ts";

const position = (price: number, quantity = 1) => ({ quantity, price, tax: 1, text: "Товар", paymentMethodType: 4, paymentSubjectType: 1, quantityMeasurementUnit: 0 });
const content = (positions: unknown[], payments: unknown[], more = {}) => ({
  ffdVersion: 4, type: 1, positions, checkClose: { payments, taxationSystem: 0 }, customerContact: "buyer@example.ru", ...more,
});
const TYPE: Record<string, number> = { cash: 1, electronic: 2, prepaid: 14, postpaid: 15 };

describe("validation", () => {
  it.each(fixture.payment_rule.map((c) => [c.expect, JSON.stringify(c.payments_kop), c] as const))("sum rule: %s for %s", (_e, _p, c) => {
    const payments = Object.entries(c.payments_kop).map(([kind, kop]) => ({ type: TYPE[kind], amount: (kop as number) / 100 }));
    const checked = checkReceipt(content([position(c.total_kop / 100)], payments), "Main_2");
    expect(checked.errors.length === 0).toBe(c.expect.startsWith("accept"));
    const change = /change (\d+)/.exec(c.expect)?.[1];
    if (c.expect.startsWith("accept")) expect(checked.change).toBe(BigInt(change ?? 0));
  });

  it("totals are exact: price × quantity half up", () => {
    expect(checkReceipt(content([position(1249.5, 2), position(320, 0.75)], [{ type: 2, amount: 2739 }]), "Main_2")).toEqual({ errors: [], total: 273900n, change: 0n });
    expect(checkReceipt(content([position(0.05, 0.1)], [{ type: 2, amount: 0.01 }]), "Main_2").total).toBe(1n);
  });

  it("refuses a third decimal, a float sum, an exponent, a wrong group, a long name", () => {
    expect(checkReceipt(content([position(0.1 + 0.2)], [{ type: 2, amount: 0.3 }]), "Main_2").errors).not.toEqual([]);
    expect(hasExponent('{"a":1e2}')).toBe(true);
    expect(hasExponent('{"a":"1e2"}')).toBe(false);
    expect(checkReceipt(content([position(1)], [{ type: 2, amount: 1 }]), "Main").errors).not.toEqual([]);
    expect(checkReceipt(content([{ ...position(1), text: "а".repeat(129) }], [{ type: 2, amount: 1 }]), "Main_2").errors).not.toEqual([]);
  });

  it("the receipt page drops signs outside CP866 and builds the QR of the vectors", () => {
    expect(printed("Сок «Мечта» — 5 ₽?")).toBe("Сок Мечта  5 ?");
    for (const { in: q, expect: text } of fixture.qr) {
      expect(fiscalQr({ processedAt: q.local, fsNumber: q.fn, documentNumber: q.fd, fp: q.fp } as FiscalData, BigInt(q.total_kop), q.ffd1054)).toBe(text);
    }
  });
});

describe("a running service", () => {
  let dir: string;
  let box: Sandbox;
  let c: { plainBaseUrl: string; baseUrl: string; inn: string; key: string; clientCertPem: string; clientKeyPem: string; caPem: string; signingPrivateKeyPem: string };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "sandbox-od-"));
    box = await createSandbox({ port: 0, smtpPort: 0, tlsPort: 0, dataDir: dir });
    c = JSON.parse(readFileSync(join(dir, "sandbox/credentials.json"), "utf8")).orange;
    await ctl("orange/settings", { minDelayMs: 50, maxDelayMs: 60 });
    await ctl("orange/organizations", { inn: "7709123453", name: "ООО Пример", publicKeyPem: fixture.orange_data.test_key.public_spki_pem });
  });
  afterAll(async () => {
    await box.close();
    rmSync(dir, { recursive: true, force: true });
  });
  beforeEach(() => ctl("reset", {}));

  const ctl = (path: string, body: unknown) => fetch(`${box.urls.http}/_ctl/${path}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  const cert = { "X-Sandbox-Client-Cert": "ok" };
  const send = (path: string, body: string, signature: string, headers: Record<string, string> = cert) =>
    fetch(c.plainBaseUrl + path, { method: "POST", headers: { ...headers, "X-Signature": signature, "Content-Type": "application/json; charset=utf-8" }, body });
  const signed = (path: string, body: unknown) => {
    const text = JSON.stringify(body);
    return send(path, text, sign("RSA-SHA256", Buffer.from(text), c.signingPrivateKeyPem).toString("base64"));
  };
  let n = 0;
  const receipt = (more = {}) => ({ id: `r-${Date.now()}-${++n}`, inn: c.inn, group: "Main_2", key: c.key, content: content([position(100)], [{ type: 2, amount: 100 }]), ...more });
  const status = (id: string, inn = c.inn) => fetch(`${c.plainBaseUrl}/api/v2/documents/${inn}/status/${id}`, { headers: cert });
  async function final(id: string, inn = c.inn): Promise<Response> {
    for (let i = 0; i < 200; i++) {
      const res = await status(id, inn);
      if (res.status !== 202) return res;
      await new Promise((r) => setTimeout(r, 50));
    }
    throw new Error("still 202");
  }

  it.each(fixture.orange_data.cases.map((v) => [v.id, v] as const))("%s: the signature is taken over the exact bytes", async (_id, v) => {
    const path = v.id === "od-sig-1" ? "/api/v2/documents/" : "/api/v2/check/";
    const res = await send(path, v.body, v.x_signature);
    const text = await res.text();
    expect(text).not.toContain("Подпись не прошла проверку");
    if (v.id === "od-sig-1") expect(res.status).toBe(201);
  });

  it.each(fixture.orange_data.negative_cases.map((v) => [v.id, v] as const))("%s: a signature of other bytes is refused", async (_id, v) => {
    const res = await send("/api/v2/documents/", v.body, v.x_signature);
    expect(res.status).toBe(400);
    expect((await res.json()).errors).toEqual(["Подпись не прошла проверку"]);
  });

  it("201, then 202, then 200 with fiscal data; a second POST is 409 with an empty body", async () => {
    // A register of its own, busy for a minute of a clock that the test moves.
    const inn = "9900000048";
    await ctl("orange/organizations", { inn, name: "ООО Своя касса", key: inn });
    await ctl("orange/settings", { minDelayMs: 60_000, maxDelayMs: 60_000 });
    const body = receipt({ inn, key: inn });
    expect((await signed("/api/v2/documents/", body)).status).toBe(201);
    const again = await signed("/api/v2/documents/", { ...body, meta: "other" });
    expect([again.status, await again.text()]).toEqual([409, ""]);
    expect((await status(body.id, inn)).status).toBe(202);
    await ctl("orange/settings", { minDelayMs: 50, maxDelayMs: 60 });
    await ctl("clock", { shiftSeconds: 61 });
    const done = await (await final(body.id, inn)).json();
    expect(done).toMatchObject({ id: body.id, companyINN: inn, content: body.content, change: 0 });
    expect(done.fsNumber).toMatch(/^9999\d{12}$/);
    expect(done.processedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
    expect(typeof done.fp).toBe("string");
    const next = receipt({ inn, key: inn });
    await signed("/api/v2/documents/", next);
    expect((await (await final(next.id, inn)).json()).documentNumber).toBe(done.documentNumber + 1);
    expect(await (await fetch(`${box.urls.http}/ofd/${inn}/${body.id}`)).text()).toContain(done.fp);
  });

  it("unknown document: 400; no certificate header: 401; validation: 400 with texts", async () => {
    expect((await status("nobody")).status).toBe(400);
    expect((await fetch(`${c.plainBaseUrl}/api/v2/`)).status).toBe(401);
    expect((await (await signed("/api/v2/documents/", { key: c.key })).json()).errors).toContain("Не указан идентификатор документа 'Id'");
  });

  it("faults: 503 for a time, answer lost after storing, 524, 422, 202 for ever", async () => {
    await ctl("fault", { target: "orange", fault: "503_retry_after", seconds: 120 });
    for (let i = 0; i < 3; i++) {
      const busy = await signed("/api/v2/documents/", receipt());
      expect([busy.status, busy.headers.get("retry-after")]).toEqual([503, "5"]);
    }
    await ctl("clock", { shiftSeconds: 121 });
    const lost = receipt();
    await ctl("fault", { target: "orange", fault: "timeout_after_store" });
    await expect(signed("/api/v2/documents/", lost)).rejects.toThrow();
    expect((await signed("/api/v2/documents/", lost)).status).toBe(409);
    expect((await final(lost.id)).status).toBe(200);
    for (const fault of ["524", "422"]) {
      const body = receipt();
      await ctl("fault", { target: "orange", fault });
      expect((await signed("/api/v2/documents/", body)).status).toBe(201);
      expect((await final(body.id)).status).toBe(Number(fault));
    }
    const stuck = receipt();
    await ctl("fault", { target: "orange", fault: "pending_forever" });
    await signed("/api/v2/documents/", stuck);
    await ctl("clock", { shiftSeconds: 86_400 });
    expect((await status(stuck.id)).status).toBe(202);
  });

  it("TLS port: 401 without the client certificate, an answer with it", async () => {
    const call = (client: object) =>
      new Promise<number>((resolve, reject) => {
        request(`${c.baseUrl}/api/v2/`, { ca: c.caPem, ...client }, (res) => (res.resume(), resolve(res.statusCode ?? 0))).on("error", reject).end();
      });
    expect(await call({})).toBe(401);
    expect(await call({ cert: c.clientCertPem, key: c.clientKeyPem })).toBe(200);
  });
});

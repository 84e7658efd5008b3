/** The HTTP-сервис of the programmer's base: believes only signed messages, books each once, and breaks when told to. */
import { describe, expect, it } from "vitest";
import { ctl, exchange, fault, order, paymentOf, push, rubles, state, useJsonSite, w, type Body } from "./testing/json-site.ts";

useJsonSite();

describe("the HTTP-сервис", () => {
  it("books a signed message once and names its document; changes later find it known", async () => {
    const made = await order();
    await exchange();
    const event = paymentOf(made, rubles(made.amount));
    expect(await push(event)).toEqual({ status: 200, answer: { ok: true, number: "РЗ00-000011" } });
    expect(await push(event)).toEqual({ status: 200, answer: { ok: true, number: "РЗ00-000011" } });
    w.events = [event];
    expect(await exchange()).toMatchObject({ ok: true, booked: [], known: 1 });
    expect((await state()).documents).toHaveLength(1);
    expect(await (await fetch(`${w.box.urls.http}/json/retail/`)).text()).toContain(String(event.key));
    expect(await (await fetch(`${w.box.urls.http}/json/retail/service/`)).text()).toContain("уже учтено");
  });

  it("a wrong user, a forged signature and a clock that is hours off are refused before the books", async () => {
    const made = await order();
    const event = paymentOf(made, "10.00");
    expect((await push(event, { password: "wrong" })).status).toBe(401);
    expect(await push(event, { secret: "whsec_AAAA" })).toMatchObject({ status: 403, answer: { ok: false, msg: expect.stringContaining("подпись") } });
    expect((await push(event, { at: Math.floor(Date.now() / 1000) - 7200 })).answer).toMatchObject({ ok: false, msg: expect.stringContaining("часами базы") });
    await ctl("json/retail/settings", { clockShiftSeconds: -7200 });
    expect((await push(event)).status).toBe(403);
    await ctl("json/retail/settings", { pushToleranceSeconds: 0 });
    expect((await push(event)).status).toBe(200);
    expect((await state()).documents).toHaveLength(1);
  });

  it("switches: refuses, 500, slow, down, dies before and after booking", async () => {
    const made = await order();
    const event = paymentOf(made, "10.00");
    await fault("service_refuse", { msg: "Период закрыт" });
    expect((await push(event)).answer).toEqual({ ok: false, msg: "Период закрыт" });
    await fault("service_500");
    expect((await push(event)).status).toBe(500);
    for (const name of ["down", "service_die_before_booking", "service_die_after_booking"]) {
      await fault(name);
      await expect(push(event)).rejects.toThrow();
      expect((await state()).documents).toHaveLength(name === "service_die_after_booking" ? 1 : 0);
    }
    await fault("service_slow", { seconds: 0.05 });
    expect(await push(event)).toMatchObject({ status: 200, answer: { ok: true } });
    const { arrivals, serviceCalls } = await state();
    expect(arrivals.map(({ outcome }) => outcome)).toEqual(["refused", "lost", "booked", "known"]);
    expect(serviceCalls.filter(({ status }) => status === null)).toHaveLength(3);
  });

  it("pages: a new order, an exchange and settings by plain forms, from this origin only", async () => {
    const post = (action: Body, path = "/json/retail/", headers = {}) => fetch(w.box.urls.http + path, { method: "POST", body: new URLSearchParams(action as Record<string, string>), headers, redirect: "manual" });
    expect((await post({ action: "company" })).status).toBe(303);
    expect((await post({ action: "company" }, "/json/retail/", { Origin: "https://evil.example" })).status).toBe(403);
    await post({ action: "exchange" });
    const [made] = (await state()).orders;
    expect(made).toMatchObject({ verdict: "created" });
    await post({ action: "delete" }, `/json/retail/order/${made!.id}/`);
    expect((await state()).orders).toMatchObject([{ deleted: true, posted: false, version: 2 }]);
    expect(await (await fetch(`${w.box.urls.http}/json/retail/order/${made!.id}/`)).text()).toContain("помечен на удаление");
  });
});

/** The same story when the outside fails, and when our own processes are killed (issue 2, point 7). */
import { expect } from "@playwright/test";
import type { Browser } from "@playwright/test";
import { test } from "./tidy-test.ts";
import { control, desktop, disarmFaults, exchange, kettleAndBook, orderInOnec, phone, pidOf, read, signIn, waitUntilHealthy, web } from "./world.ts";

test.afterEach(disarmFaults);

async function orderWithLink(browser: Browser): Promise<{ number: string; link: string; page: import("@playwright/test").Page }> {
  const order = await orderInOnec({ kind: "person", lines: kettleAndBook() });
  await exchange();
  const staff = await signIn(browser, "director");
  await staff.goto(`/admin/orders?q=${encodeURIComponent(order.siteNumber)}`);
  await staff.getByRole("link", { name: new RegExp(order.siteNumber) }).first().click();
  const link = await staff.getByRole("link", { name: "Открыть", exact: true }).first().getAttribute("href");
  await staff.context().close();
  const page = await (await phone(browser)).newPage();
  await page.goto(link!);
  return { number: order.siteNumber, link: link!, page };
}

async function startCard(page: import("@playwright/test").Page, contact = "buyer@mail.example"): Promise<string> {
  await page.getByText("Банковская карта").click();
  await page.getByLabel(/Почта или телефон/).fill(contact);
  await page.getByRole("button", { name: /Оплатить/ }).click();
  await page.waitForURL(/\/paykeeper\/bill\/(\d+)/);
  return /bill\/(\d+)/.exec(page.url())![1]!;
}

/** Facts, receipts and documents of one order, as the director's page tells them. */
async function shownOnce(browser: Browser, number: string): Promise<void> {
  const staff = await signIn(browser, "director");
  await staff.goto(`/admin/orders?q=${encodeURIComponent(number)}`);
  await staff.getByRole("link", { name: new RegExp(number) }).first().click();
  await expect(staff.getByText("Оплачен", { exact: true }).first()).toBeVisible();
  await expect(staff.getByText(/Переплата/)).toHaveCount(0);
  await staff.context().close();
}

test("LOST-01: the notification never comes: the poller finds the payment", async ({ browser }) => {
  await control("fault", { target: "paykeeper", fault: "notify_never", times: 1 });
  const { page, link, number } = await orderWithLink(browser);
  const bill = await startCard(page);
  await control(`pay/${bill}`, { outcome: "success" });
  const other = await (await desktop(browser)).newPage();
  await other.goto(link);
  await expect(other.getByText(/Оплачено/).first()).toBeVisible({ timeout: 45_000 });
  await shownOnce(browser, number);
});

test("LOST-02: five notifications at once: one payment, one receipt", async ({ browser }) => {
  const { page, link, number } = await orderWithLink(browser);
  await control("fault", { target: "paykeeper", fault: "notify_duplicate", n: 5 });
  const bill = await startCard(page);
  await control(`pay/${bill}`, { outcome: "success" });
  await page.goto(link);
  await expect(page.getByText(/Оплачено/).first()).toBeVisible();
  await expect(page.getByRole("link", { name: /Открыть чек/ })).toHaveCount(1, { timeout: 20_000 });
  await shownOnce(browser, number);
});

test("LOST-04: the notification is quicker than the answer of the create call", async ({ browser }) => {
  const { page, link } = await orderWithLink(browser);
  await control("fault", { target: "paykeeper", fault: "notify_before_create_returns" });
  await page.getByText("Банковская карта").click();
  await page.getByLabel(/Почта или телефон/).fill("buyer@mail.example");
  await page.getByRole("button", { name: /Оплатить/ }).click();
  await page.goto(link);
  await expect(page.getByText(/Оплачено/).first()).toBeVisible();
});

test("the register is overloaded, then took a receipt and lost its answer: the buyer sees «Оплачено», then one receipt", async ({ browser }) => {
  await control("fault", { target: "orange", fault: "503_retry_after", times: 1, retryAfter: 5 });
  await control("fault", { target: "orange", fault: "timeout_after_store", times: 1, seconds: 1 });
  const { page, link, number } = await orderWithLink(browser);
  const bill = await startCard(page);
  await control(`pay/${bill}`, { outcome: "success" });
  await page.goto(link);
  await expect(page.getByText(/Оплачено/).first()).toBeVisible();
  await expect(page.getByRole("link", { name: /Открыть чек/ })).toBeVisible({ timeout: 60_000 });
  await shownOnce(browser, number);
});

test("1C takes the answer and dies before its `success`: the payment goes out again and is booked once", async ({ browser }) => {
  const { page, number } = await orderWithLink(browser);
  const bill = await startCard(page);
  await control(`pay/${bill}`, { outcome: "success" });
  await control("fault", { target: "onec", fault: "die_before_success", loaded: true });
  await control("onec/exchange");
  await exchange();
  await exchange();
  await exchange();
  const state = await read<{ orders: { siteNumber: string; booked?: unknown[]; payments?: unknown[] }[] }>("onec/state");
  const text = JSON.stringify(state.orders.find((o) => o.siteNumber === number));
  expect(text).toContain("6631");
  const staff = await signIn(browser, "accountant");
  await staff.goto(`/admin/orders?q=${encodeURIComponent(number)}`);
  await staff.getByRole("link", { name: new RegExp(number) }).first().click();
  await expect(staff.getByText("Учтено в 1С").first()).toBeVisible();
});

test("SIGKILL of the web while the buyer is at the bank: the notification is repeated, the page comes back paid", async ({ browser }) => {
  const { page, link, number } = await orderWithLink(browser);
  const bill = await startCard(page);
  process.kill(pidOf("web"), "SIGKILL");
  await control(`pay/${bill}`, { outcome: "success" });
  await waitUntilHealthy();
  await page.goto(link);
  await expect(page.getByText(/Оплачено/).first()).toBeVisible({ timeout: 45_000 });
  await shownOnce(browser, number);
});

test("SIGKILL of the worker while the register holds its receipt: the next worker asks or repeats, one receipt", async ({ browser }) => {
  // What a dead worker held is let go after 45 s.
  test.setTimeout(180_000);
  const contact = "killed-worker@mail.example";
  const { page, link, number } = await orderWithLink(browser);
  await control("fault", { target: "orange", fault: "slow", seconds: 3, times: 1, on: "/documents/" });
  const held = async () => (await read<{ entries: { side: string; event: string }[] }>("log")).entries.filter((entry) => entry.side === "orange" && entry.event === "held").length;
  const before = await held();
  const worker = pidOf("worker");
  const bill = await startCard(page, contact);
  await control(`pay/${bill}`, { outcome: "success" });
  await expect.poll(held, { timeout: 20_000 }).toBe(before + 1);
  process.kill(worker, "SIGKILL");
  await waitUntilHealthy();
  await page.goto(link);
  await expect(page.getByRole("link", { name: /Открыть чек/ })).toBeVisible({ timeout: 80_000 });
  expect(pidOf("worker")).not.toBe(worker);
  await shownOnce(browser, number);
  const { documents } = await read<{ documents: Record<string, { content: { customerContact?: string } }> }>("orange/state");
  expect(Object.values(documents).filter((document) => document.content.customerContact === contact)).toHaveLength(1);
});

test("a decline keeps the buyer on the page and another method can be used", async ({ browser }) => {
  const { page, link } = await orderWithLink(browser);
  const bill = await startCard(page);
  await control(`pay/${bill}`, { outcome: "insufficient_funds" });
  await page.goto(`${link}?back=1`);
  await expect(page.getByRole("alert").getByText(/отклонил/)).toBeVisible({ timeout: 20_000 });
  await page.getByText("Оплатить другим способом").click();
  await page.getByRole("link", { name: "Нет, выбрать другой способ" }).click();
  await page.getByText("СБП", { exact: true }).first().click();
  await page.getByRole("button", { name: /СБП/ }).click();
  await expect(page.getByRole("link", { name: /Открыть приложение банка/ })).toBeVisible();
});

test("LOST-21: forged, altered and oversized requests get a clear 4xx and change nothing", async ({ request }) => {
  const { paykeeper, onec } = (await import("./world.ts")).credentials();
  const forged = await request.post(paykeeper.notificationAddress, { form: { id: "1", sum: "1.00", clientid: "x", orderid: "k1-1", key: "0".repeat(32) } });
  expect(await forged.text()).not.toMatch(/^OK/);
  expect(forged.status()).toBeLessThan(500);
  const big = await request.post(paykeeper.notificationAddress, { data: "x".repeat(200_000), headers: { "content-type": "application/x-www-form-urlencoded" } });
  expect(big.status()).toBe(413);
  expect((await request.post(`${web()}/api/acquirers/nobody/notifications`, { form: { id: "1" } })).status()).toBe(404);
  const wrong = await request.get(`${onec.address}?type=sale&mode=checkauth`, { headers: { authorization: `Basic ${Buffer.from("1c:wrong").toString("base64")}` } });
  expect(wrong.status()).toBe(401);
  expect(await wrong.text()).toMatch(/^failure\n/);
  expect((await request.get(`${web()}/pay/${"a".repeat(43)}`)).status()).toBe(404);
});

/** What the pay page promises on every device: no JavaScript needed, one attempt per intent, accessible, light. */
import { gzipSync } from "node:zlib";
import { expect } from "@playwright/test";
import type { Browser, Page } from "@playwright/test";
import { test } from "./tidy-test.ts";
import { axeFaults, control, desktop, exchange, kettleAndBook, orderInOnec, phone, read, sidewaysPx, signIn, web } from "./world.ts";

async function linkOfNewOrder(browser: Browser, order: Record<string, unknown> = { kind: "person", lines: kettleAndBook() }): Promise<{ link: string; number: string; id: string }> {
  const made = await orderInOnec(order);
  await exchange();
  const staff = await signIn(browser, "director");
  await staff.goto(`/admin/orders?q=${encodeURIComponent(made.siteNumber)}`);
  await staff.getByRole("link", { name: new RegExp(made.siteNumber) }).first().click();
  const link = await staff.getByRole("link", { name: "Открыть", exact: true }).first().getAttribute("href");
  await staff.context().close();
  return { link: link!, number: made.siteNumber, id: made.id };
}

const invoicesOf = async (reference: RegExp): Promise<number> => {
  const state = await read<{ invoices: Record<string, unknown> | unknown[] }>("paykeeper/state");
  return Object.values(state.invoices).filter((invoice) => reference.test(JSON.stringify(invoice))).length;
};

test("without JavaScript: card, SBP and the company's invoice work", async ({ browser }) => {
  const noScript = { javaScriptEnabled: false };
  const card = await linkOfNewOrder(browser);
  const context = await desktop(browser, noScript);
  const page = await context.newPage();
  await page.goto(card.link);
  await page.getByText("Банковская карта").click();
  await page.getByLabel(/Почта или телефон/).fill("not an address");
  await page.getByRole("button", { name: /Оплатить/ }).click();
  await expect(page.getByText(/Проверьте|почт/i).first()).toBeVisible();
  await page.getByLabel(/Почта или телефон/).fill("nojs@mail.example");
  await page.getByRole("button", { name: /Оплатить/ }).click();
  await page.waitForURL(/\/paykeeper\/bill\//);

  const sbp = await linkOfNewOrder(browser);
  await page.goto(sbp.link);
  await page.getByText("СБП", { exact: true }).first().click();
  await page.getByLabel(/Почта или телефон/).fill("nojs@mail.example");
  await page.getByRole("button", { name: "Показать QR-код" }).click();
  await expect(page.getByRole("img", { name: /QR-код/ }).first()).toBeVisible();
  // Without scripts the page that waits loads itself anew every few seconds, and would take the next address's place.
  await page.close();

  const company = await linkOfNewOrder(browser, { kind: "company" });
  const invoice = await context.newPage();
  await invoice.goto(company.link);
  await invoice.getByText("Счёт для организации").click();
  await invoice.getByRole("button", { name: "Получить счёт" }).click();
  await expect(invoice.getByText(/Ждём поступления/)).toBeVisible();
});

test("a double click and a second tab make one payment", async ({ browser }) => {
  const { link, number } = await linkOfNewOrder(browser);
  const context = await desktop(browser);
  const [first, second] = [await context.newPage(), await context.newPage()];
  for (const page of [first, second]) {
    await page.goto(link);
    await page.getByText("Банковская карта").click();
    await page.getByLabel(/Почта или телефон/).fill("double@mail.example");
  }
  await Promise.all([first.getByRole("button", { name: /Оплатить/ }).dblclick(), second.getByRole("button", { name: /Оплатить/ }).click()]);
  await expect.poll(() => invoicesOf(new RegExp(number)), { timeout: 15_000 }).toBe(1);
});

test("LOST-07: the order changes in 1C while the page is open: the old sum is not taken, both sums are told", async ({ browser }) => {
  const { link, id } = await linkOfNewOrder(browser);
  const page = await (await desktop(browser)).newPage();
  await page.goto(link);
  await page.getByText("Банковская карта").click();
  await page.getByLabel(/Почта или телефон/).fill("changed@mail.example");
  await control("onec/orders", { orders: [{ id, lines: kettleAndBook().slice(0, 1) }] });
  await exchange();
  await page.goto(link);
  await expect(page.getByText("4\u202F990,00\u00A0₽").first()).toBeVisible();
});

test.describe("accessible and never wider than the screen", () => {
  for (const [name, options] of [
    ["360 px, light", { viewport: { width: 360, height: 780 }, colorScheme: "light" as const }],
    ["1440 px, dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" as const }],
  ] as const) {
    test(name, async ({ browser }) => {
      test.setTimeout(180_000);
      const { link } = await linkOfNewOrder(browser);
      const buyer = await (await desktop(browser, options)).newPage();
      const check = async (page: Page, what: string) => {
        expect(await axeFaults(page, what)).toEqual([]);
        expect(await sidewaysPx(page), what).toBeLessThanOrEqual(0);
      };
      await buyer.goto(link);
      await check(buyer, "pay page");
      await buyer.getByText("СБП", { exact: true }).first().click();
      await buyer.getByLabel(/Почта или телефон/).fill("axe@mail.example");
      await buyer.getByRole("button", { name: /СБП|QR/ }).click();
      await expect(buyer.getByText("Оплата через СБП").first()).toBeVisible();
      await check(buyer, "waiting");
      await buyer.goto(`${web()}/pay/${"x".repeat(43)}`);
      await check(buyer, "unknown link");
      const staff = await signIn(browser, "director", options);
      for (const at of ["/admin", "/admin/orders", "/admin/receipts", "/admin/exchange", "/admin/alerts", "/admin/audit", "/admin/profile"]) {
        await staff.goto(at);
        await check(staff, at);
      }
      await staff.goto("/admin/orders");
      await staff.locator('main a[href^="/admin/orders/"]').filter({ visible: true }).first().click();
      await expect(staff.getByText(/Где деньги/)).toBeVisible();
      await check(staff, "order");
    });
  }
});

test("weights of the pay page stay inside the budgets of README decision 5 (gz)", async ({ browser }) => {
  const { link } = await linkOfNewOrder(browser);
  const page = await (await phone(browser)).newPage();
  const sizes = { js: 0, css: 0, font: 0 };
  page.on("response", async (response) => {
    const kind = response.request().resourceType();
    if (kind !== "script" && kind !== "stylesheet" && kind !== "font") return;
    const body = await response.body().catch(() => Buffer.alloc(0));
    sizes[kind === "script" ? "js" : kind === "stylesheet" ? "css" : "font"] += gzipSync(body).length;
  });
  const answer = await page.goto(link, { waitUntil: "networkidle" }).catch(() => null);
  const html = gzipSync(Buffer.from((await answer?.text()) ?? (await page.content()))).length;
  expect(html).toBeLessThanOrEqual(14 * 1024);
  expect(sizes.js).toBeGreaterThan(0);
  expect(sizes.js).toBeLessThanOrEqual(165 * 1024);
  expect(sizes.css).toBeLessThanOrEqual(10 * 1024);
  expect(sizes.font).toBe(0);
});

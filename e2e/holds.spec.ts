/** Two-stage payments in a browser: the buyer's money is held, the accountant takes less, the rest goes free (LOST-31). */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "@playwright/test";
import { test } from "./tidy-test.ts";
import { axeFaults, control, exchange, kettleAndBook, orderInOnec, phone, signIn } from "./world.ts";

/** The bank's cabinet and our connection to it change together, the second as an owner does it: by `connection:add`. */
async function setStages(stages: "one" | "two"): Promise<void> {
  const dataDir = process.env["E2E_DATA_DIR"] ?? "";
  const { paykeeper } = JSON.parse(readFileSync(path.join(dataDir, "sandbox/credentials.json"), "utf8")) as { paykeeper: { baseUrl: string; login: string; password: string; secretWord: string } };
  const { baseUrl, login, password, secretWord } = paykeeper;
  const file = path.join(dataDir, `paykeeper-${stages}.json`);
  writeFileSync(file, JSON.stringify({ connection: { provider: "paykeeper", name: "PayKeeper (песочница)", environment: "test", sellerInn: "9900000017", settings: { baseUrl, login, stages }, secret: { password, secretWord } } }));
  execFileSync(process.execPath, ["--import", "tsx", "scripts/add-connection.ts", "--file", file], { env: { ...process.env, DATA_DIR: dataDir, LOG_LEVEL: "error" }, timeout: 30_000, stdio: "pipe" });
  rmSync(file);
  await control("paykeeper/settings", { twoStage: stages === "two" });
}

test.beforeAll(async () => {
  await setStages("two");
  // A process trusts what it has read of a connection for five seconds.
  await new Promise((resolve) => setTimeout(resolve, 5_500));
});
test.afterAll(() => setStages("one"));

test("LOST-31: held money is no payment; the accountant takes less; page and receipt show the taken sum", async ({ browser }) => {
  const accountant = await signIn(browser, "accountant");
  const order = await orderInOnec({ kind: "person", lines: kettleAndBook() });
  await exchange();
  await accountant.goto(`/admin/orders?q=${encodeURIComponent(order.siteNumber)}`);
  await accountant.getByRole("link", { name: new RegExp(order.siteNumber) }).first().click();
  await expect(accountant.getByRole("heading", { level: 1 })).toContainText(order.siteNumber);
  const at = new URL(accountant.url()).pathname;
  const link = (await accountant.getByRole("link", { name: "Открыть", exact: true }).first().getAttribute("href"))!;
  const buyer = await (await phone(browser)).newPage();
  await buyer.goto(link);
  await buyer.getByText("Банковская карта").click();
  await buyer.getByLabel(/Почта или телефон/).fill("hold@mail.example");
  await buyer.getByRole("button", { name: /Оплатить/ }).click();
  await buyer.waitForURL(/\/paykeeper\/bill\/(\d+)/);
  await control(`pay/${/bill\/(\d+)/.exec(buyer.url())![1]!}`, { outcome: "success" });

  const card = accountant.locator("section", { has: accountant.getByRole("heading", { name: "Деньги заблокированы" }) });
  await expect(async () => {
    await accountant.goto(at);
    await expect(card).toContainText("6\u202F631,00", { timeout: 1_500 });
  }).toPass({ timeout: 30_000 });
  const receipts = accountant.locator("section", { has: accountant.getByRole("heading", { name: "Чеки" }) });
  await expect(receipts).not.toContainText("6\u202F631,00");
  await buyer.goto(link);
  await expect(buyer.getByRole("heading", { name: "Деньги заблокированы" })).toBeVisible();
  await expect(buyer.getByRole("button", { name: /Оплатить/ })).toHaveCount(0);

  await card.locator("summary", { hasText: "Списать…" }).click();
  await expect(card.getByRole("button", { name: "Не сейчас" }).filter({ visible: true })).toBeFocused();
  const sum = card.getByLabel("Сколько списать, ₽");
  await sum.fill("7000");
  await card.getByRole("button", { name: "Продолжить" }).click();
  await card.getByRole("button", { name: /^Списать 7/ }).click();
  await expect(card.locator('p[id^="capture-"][id$="-error"]')).toHaveText(/Заблокировано только 6\s631,00/);
  await expect(sum).toHaveValue("7000");
  await sum.fill("5000");
  await card.getByRole("button", { name: "Продолжить" }).click();
  await expect(card.getByRole("group", { name: "Проверьте перед отправкой" })).toContainText("Спишем 5\u202F000,00\u00A0₽");
  expect(await axeFaults(accountant, "hold")).toEqual([]);
  await card.getByRole("button", { name: /^Списать 5\s000,00/ }).click();

  await expect(async () => {
    await accountant.goto(at);
    await expect(accountant.getByText("Оплачен частично").first()).toBeVisible({ timeout: 1_500 });
    await expect(receipts).toContainText("5\u202F000,00", { timeout: 1_500 });
  }).toPass({ timeout: 30_000 });
  await expect(card).toHaveCount(0);
  const payments = accountant.locator("section", { has: accountant.getByRole("heading", { name: "Платежи" }) });
  await expect(payments.getByText(/^5\s000,00/)).toBeVisible();
  await expect(accountant.getByText(/1\s631,00\s₽/).first()).toBeVisible();
});

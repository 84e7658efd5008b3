/** The board of the pilot in a browser: mode, selection, kill switch, checklist, exit rule, and what the buyer sees (PIL-01 … PIL-06). */
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { test } from "./tidy-test.ts";
import { axeFaults, exchange, kettleAndBook, orderInOnec, phone, sidewaysPx, signIn } from "./world.ts";

test.describe.configure({ mode: "serial" });

let director: Page;
const card = (page: Page, title: string) => page.locator("section", { has: page.getByRole("heading", { name: title, exact: true }) });
const board = async (page: Page = director) => {
  await page.goto("/admin/pilot");
  await page.getByRole("link", { name: "Интернет-магазин", exact: true }).click();
  await expect(card(page, "Режим магазина")).toBeVisible();
};
async function setMode(label: string): Promise<void> {
  await board();
  const mode = card(director, "Режим магазина");
  await mode.locator("summary", { hasText: "Сменить режим…" }).click();
  await mode.getByLabel("Новый режим").selectOption({ label });
  await mode.getByLabel("Почему").fill("проверка браузером");
  await mode.getByRole("button", { name: "Сменить режим", exact: true }).click();
  await expect(mode.locator('[aria-current="step"]')).toContainText(label);
}
async function placed(): Promise<{ number: string; path: string }> {
  const order = await orderInOnec({ kind: "person", lines: kettleAndBook() });
  await exchange();
  await director.goto(`/admin/orders?q=${encodeURIComponent(order.siteNumber)}`);
  await director.getByRole("link", { name: new RegExp(order.siteNumber) }).first().click();
  await expect(director.getByRole("heading", { level: 1 })).toContainText(order.siteNumber);
  return { number: order.siteNumber, path: new URL(director.url()).pathname };
}
const axe = async (page: Page) => expect(await axeFaults(page, "pilot")).toEqual([]);

test.beforeAll(async ({ browser }) => {
  director = await signIn(browser, "director");
});
// The other files expect the demo's store as the demo made it.
test.afterAll(async () => {
  await setMode("Песочница").catch(() => undefined);
});

test("PIL-02, PIL-06: a pilot store works with named orders only; the board says what is missing before battle", async ({ browser }) => {
  await setMode("Пилот");
  await axe(director);
  const exit = card(director, "Условия выхода в бой");
  await expect(exit.getByRole("button", { name: "В бой" })).toBeDisabled();
  await expect(exit.getByText("Возвраты", { exact: true }).first()).toBeVisible();

  const outside = await placed();
  await expect(director.getByText("Заказ вне пилота")).toBeVisible();
  await expect(director.getByRole("link", { name: "Открыть", exact: true })).toHaveCount(0);

  await board();
  const batches = card(director, "Отбор заказов");
  await batches.locator("summary", { hasText: "Новый отбор по списку…" }).click();
  await batches.getByRole("button", { name: "Создать отбор" }).first().click();
  await expect(batches.getByText("Напишите номера заказов")).toBeVisible();
  await batches.getByLabel("Номера заказов или GUID").fill(outside.number);
  await batches.getByRole("button", { name: "Создать отбор" }).first().click();
  await expect(batches.getByText(/Набирает/).first()).toBeVisible();
  await expect(card(director, "Заказы пилота").getByRole("link", { name: new RegExp(outside.number) })).toBeVisible();

  await director.goto(outside.path);
  await expect(director.getByText(/^Пилот №/).first()).toBeVisible();
  const link = (await director.getByRole("link", { name: "Открыть", exact: true }).first().getAttribute("href"))!;
  const buyer = await (await phone(browser)).newPage();
  await buyer.goto(link);
  await expect(buyer.getByRole("button", { name: /Оплатить/ })).toBeVisible();

  // PIL-05: the switch falls while the page is open.
  await board();
  const money = card(director, "Приём оплаты");
  await money.locator("summary", { hasText: "Остановить приём оплаты…" }).click();
  await money.getByLabel("Почему").fill("проверяем банк");
  await money.getByRole("button", { name: "Остановить", exact: true }).click();
  await expect(director.getByText(/Приём оплаты остановлен в магазине/)).toBeVisible();
  await expect(buyer.getByRole("heading", { name: "Магазин временно остановил приём оплаты" })).toBeVisible();
  await expect(buyer.getByRole("button", { name: /Оплатить/ })).toHaveCount(0);
  await axe(buyer);
  await axe(director);

  const accountant = await signIn(browser, "accountant");
  await board(accountant);
  await expect(card(accountant, "Приём оплаты").getByText("проверяем банк")).toBeVisible();
  await expect(accountant.getByText("Возобновить…")).toHaveCount(0);
  await expect(accountant.getByText("Сменить режим…")).toHaveCount(0);

  await money.locator("summary", { hasText: "Возобновить…" }).click();
  await money.getByLabel("Что проверено").fill("банк исправен");
  await money.getByRole("button", { name: "Возобновить приём оплаты" }).click();
  await expect(director.getByText(/Приём оплаты остановлен в магазине/)).toHaveCount(0);
  await expect(buyer.getByRole("button", { name: /Оплатить/ })).toBeVisible();
});

test("PIL-06: a tick keeps its name; the page stands on a phone", async () => {
  await board();
  const list = card(director, "Чек-лист сотрудников");
  const item = list.getByRole("listitem").filter({ hasText: "Сотрудники прошли обучение" });
  await item.getByRole("button", { name: "Отметить" }).click();
  await expect(item.getByRole("button", { name: "Снять" })).toBeVisible();
  await expect(item).toContainText(/\d\d:\d\d/);
  await director.setViewportSize({ width: 360, height: 780 });
  expect(await sidewaysPx(director)).toBeLessThanOrEqual(0);
  await axe(director);
  await director.setViewportSize({ width: 1440, height: 900 });
});

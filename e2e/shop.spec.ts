/** Orders that are not uploaded by the stock exchange: bought in an internet shop and paid at once; billed by 1C code that was written for PayKeeper. */
import { expect } from "@playwright/test";
import type { Page } from "@playwright/test";
import { test } from "./tidy-test.ts";
import { axeFaults, control, credentials, desktop, disarmFaults, exchange, phone, read, sidewaysPx, signIn, web } from "./world.ts";

type ShopOrder = { id: string; number: string; orderId: string; payUrl: string; paid: boolean; paidBy: string };
type Hook = { id: string; type: string; orderId: string; status: number | null; outcome: string };
const shop = () => read<{ orders: ShopOrder[]; hooks: Hook[] }>("shop/state");
const paidHooks = async (order: ShopOrder) => (await shop()).hooks.filter((hook) => hook.orderId === order.orderId && hook.type === "payment.succeeded");

/** The buyer presses «Купить», pays by card in the bank and is back on our page. */
async function buyAndPay(page: Page): Promise<ShopOrder> {
  await page.goto(credentials().sandbox.shop);
  await page.getByRole("button", { name: "Купить" }).click();
  await page.waitForURL(/\/pay\/[\w-]+/);
  await expect(page.getByText("5\u202F340,00\u00A0₽").first()).toBeVisible();
  await page.getByText("Банковская карта").click();
  await page.getByRole("button", { name: /Оплатить/ }).click();
  await page.waitForURL(/\/paykeeper\/bill\//);
  await page.getByRole("button", { name: /картой|Оплатить/ }).first().click();
  await page.goto((await shop()).orders[0]!.payUrl);
  await expect(page.getByText(/Оплачено/).first()).toBeVisible();
  return (await shop()).orders[0]!;
}

test.afterEach(disarmFaults);

test("shop: bought, paid, back with a good signature, one webhook, gone to 1C as a new order", async ({ browser }) => {
  const page = await (await phone(browser)).newPage();
  const order = await buyAndPay(page);
  await page.getByRole("link", { name: "Вернуться в магазин" }).click();
  await expect(page.getByRole("heading", { name: "Спасибо, заказ оплачен" })).toBeVisible();
  await expect(page.getByText("верна", { exact: true })).toBeVisible();
  // The address bar proves nothing.
  await page.goto(page.url().replace("kp_amount=5340.00", "kp_amount=1.00"));
  await expect(page.getByText("подпись не сошлась")).toBeVisible();

  await expect.poll(() => paidHooks(order), { timeout: 15_000 }).toMatchObject([{ status: 200, outcome: "booked" }]);
  await exchange();
  const { orders } = await read<{ orders: { siteNumber: string; payments: { sum: string }[] }[] }>("onec/state");
  expect(orders.find((each) => each.siteNumber === order.number)).toMatchObject({ payments: [{ sum: "534000" }] });

  const staff = await signIn(browser, "integrator");
  await staff.goto("/admin");
  await staff.getByRole("link", { name: "Интернет-магазины" }).click();
  await expect(staff.getByRole("heading", { name: "Интернет-магазин «Маяк» (песочница)" })).toBeVisible();
  const row = staff.getByRole("row", { name: new RegExp(`Оплата прошла.*${order.number}`) });
  await expect(row.getByText("Доставлено")).toBeVisible();
  await row.getByRole("button", { name: "Отправить ещё раз" }).click();
  await expect.poll(async () => (await paidHooks(order)).map((hook) => hook.outcome), { timeout: 15_000 }).toEqual(["known", "booked"]);
  for (const [colorScheme, width] of [["light", 360], ["dark", 1440]] as const) {
    await staff.emulateMedia({ colorScheme });
    await staff.setViewportSize({ width, height: 900 });
    await staff.goto("/admin/shops");
    await expect(staff.getByText("Доставлено").first()).toBeVisible();
    expect(await sidewaysPx(staff), `${colorScheme} ${width}`).toBeLessThanOrEqual(0);
    expect(await axeFaults(staff, `${colorScheme} ${width}`)).toEqual([]);
  }
});

test("shop: its site fails, staff read why and send again", async ({ browser }) => {
  await control("fault", { target: "shop", fault: "webhook_500", times: -1 });
  const order = await buyAndPay(await (await desktop(browser)).newPage());
  const staff = await signIn(browser, "integrator");
  await staff.goto("/admin/shops?show=open");
  const row = staff.getByRole("row", { name: new RegExp(`Оплата прошла.*${order.number}`) });
  await expect(row.getByText("Сайт магазина ответил кодом 500")).toBeVisible({ timeout: 20_000 });
  await expect(row.getByText("Повторяем")).toBeVisible();
  await row.getByRole("link", { name: /Попытки/ }).click();
  await expect(staff.getByText("код 500").first()).toBeVisible();
  await disarmFaults();
  await staff.getByRole("button", { name: "Отправить ещё раз" }).first().click();
  await expect.poll(async () => (await paidHooks(order)).map((hook) => hook.outcome), { timeout: 15_000 }).toEqual(["booked"]);
});

test("PayKeeper code of 1C: a bill and its letter, paid by the address of the letter, asked for and booked in 1C", async ({ browser }) => {
  await control("bills/rows", { rows: [{ clientid: "Петрова Анна", orderid: "Б-901", service_name: "Сборка & доставка 100%", client_email: "petrova@mail.example", client_phone: "+79876543210", expiry: "", pay_amount: "1\u00A0234,5" }] });
  expect(await control("bills/send")).toMatchObject({ ok: true });
  const mail = async () => JSON.stringify(await read("mail?to=petrova@mail.example"));
  await expect.poll(mail, { timeout: 30_000 }).toMatch(/\/bill\/\d{17}\/[\w-]{43}\//);
  const address = /https?:\/\/[^\s"\\]+\/bill\/\d{17}\/[\w-]{43}\//.exec(await mail())![0];
  const page = await (await phone(browser)).newPage();
  await page.goto(address);
  await page.waitForURL(/\/pay\//);
  await expect(page.getByText("1\u202F234,50\u00A0₽").first()).toBeVisible();
  // The number alone opens nothing.
  const guess = await page.request.get(`${web()}/bill/${/\/bill\/(\d{17})\//.exec(address)![1]}/`);
  expect(guess.status()).toBe(404);
  await page.getByText("Банковская карта").click();
  await page.getByRole("button", { name: /Оплатить/ }).click();
  await page.waitForURL(/\/paykeeper\/bill\//);
  await page.getByRole("button", { name: /картой|Оплатить/ }).first().click();
  await page.goto(address);
  await expect(page.getByText(/Оплачено/).first()).toBeVisible();
  expect(JSON.stringify(await control("bills/poll"))).toContain("Б-901");

  const staff = await signIn(browser, "accountant");
  await staff.goto("/admin/exchange");
  const panel = staff.locator("section").filter({ has: staff.getByRole("heading", { name: /Счета из 1С/ }) });
  await panel.getByLabel("Предмет расчёта").selectOption("Товар");
  await panel.getByRole("button", { name: "Сохранить" }).click();
  await expect(panel.getByText("Сохранено. Новые счета пойдут с этими настройками")).toBeVisible();
});

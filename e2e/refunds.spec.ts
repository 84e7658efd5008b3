/** Money after the payment (issue 3): refunds with four eyes, surplus, disputes, and the list of payments. */
import { expect } from "@playwright/test";
import type { Browser, Page } from "@playwright/test";
import { test } from "./tidy-test.ts";
import { axeFaults, control, disarmFaults, exchange, kettleAndBook, orderInOnec, phone, read, sidewaysPx, signIn, web } from "./world.ts";

test.afterEach(disarmFaults);

type Paid = { number: string; link: string; path: string; bill: string };

let accountant: Page;
let director: Page;
test.beforeAll(async ({ browser }) => {
  accountant = await signIn(browser, "accountant");
  director = await signIn(browser, "director");
});

async function open(page: Page, number: string): Promise<void> {
  await page.goto(`/admin/orders?q=${encodeURIComponent(number)}`);
  await page.getByRole("link", { name: new RegExp(number) }).first().click();
  await expect(page.getByRole("heading", { name: new RegExp(`Заказ №\\s${number}`) })).toBeVisible();
}

/** An order of 6 631,00 ₽ paid by card at the sandbox bank. */
async function paidOrder(browser: Browser): Promise<Paid> {
  const order = await orderInOnec({ kind: "person", lines: kettleAndBook() });
  await exchange();
  await open(director, order.siteNumber);
  const link = (await director.getByRole("link", { name: "Открыть", exact: true }).first().getAttribute("href"))!;
  const buyer = await phone(browser);
  const page = await buyer.newPage();
  await page.goto(link);
  await page.getByText("Банковская карта").click();
  await page.getByLabel(/Почта или телефон/).fill("refund@mail.example");
  await page.getByRole("button", { name: /Оплатить/ }).click();
  await page.waitForURL(/\/paykeeper\/bill\/(\d+)/);
  const bill = /bill\/(\d+)/.exec(page.url())![1]!;
  await control(`pay/${bill}`, { outcome: "success" });
  await page.goto(link);
  await expect(page.getByText(/Оплачено/).first()).toBeVisible();
  await buyer.close();
  return { number: order.siteNumber, link, path: new URL(director.url()).pathname, bill };
}

async function ask(page: Page, path: string, sum: string): Promise<void> {
  await page.goto(`${path}?action=refund`);
  await page.getByLabel("Сумма, ₽").first().fill(sum);
  await page.getByRole("button", { name: "Продолжить" }).click();
  await page.getByRole("button", { name: /^Запросить возврат/ }).click();
  await expect(page.getByText(/Возврат .* запрошен/)).toBeVisible();
}

/** Opens a question and answers it. */
async function confirm(page: Page, question: string, answer: RegExp): Promise<void> {
  await page.locator("summary", { hasText: question }).first().click();
  await expect(page.getByRole("button", { name: "Не сейчас" }).filter({ visible: true }).first()).toBeFocused();
  await page.getByRole("button", { name: answer }).filter({ visible: true }).first().click();
}

let first: Paid | null = null;

test("SEC-12: the accountant asks for a line back and sees its receipt before; the author may not agree, the director does", async ({ browser }) => {
  first = await paidOrder(browser);
  await accountant.goto(first.path);
  await accountant.getByRole("link", { name: "Возврат…" }).click();
  await accountant.getByLabel(/Книга «Северная кухня»/).fill("1");
  await accountant.getByLabel("Пояснение").fill("Обложка помята");
  await accountant.getByRole("button", { name: "Продолжить" }).click();
  const review = accountant.getByRole("group", { name: "Проверьте перед отправкой" });
  await expect(review).toContainText("645,50");
  await expect(review).toContainText("возврат прихода");
  await expect(review).toContainText("Северная кухня");
  await expect(review.getByRole("button", { name: "Изменить" })).toBeFocused();
  await review.getByRole("button", { name: /Запросить возврат/ }).click();
  await expect(accountant.getByText("Ждёт одобрения").first()).toBeVisible();
  await expect(accountant.getByText(/запросили вы, одобрить его должен другой сотрудник: .*Анна Соколова/)).toBeVisible();
  await expect(accountant.locator("summary", { hasText: "Одобрить…" })).toHaveCount(0);

  await director.goto("/admin");
  await expect(director.getByText(/Ждут вашего одобрения/)).toBeVisible();
  await director.goto("/admin/payments?tab=refunds");
  const item = director.locator("li", { hasText: first.number }).first();
  await item.locator("summary", { hasText: "Одобрить…" }).click();
  await expect(item.getByText(/Вернём 645,50\s₽ на карту покупателя/)).toBeVisible();
  await item.getByRole("button", { name: /^Вернуть 645,50/ }).click();
  // Leaving the page while the form is on its way would cancel it, as it would for a person.
  await expect(item.locator("summary", { hasText: "Одобрить…" })).toHaveCount(0);
  await director.goto(first.path);
  await expect(director.getByText(/Банк выполняет|Отправляется…/).first()).toBeVisible();
});

test("LOST-10: of two refunds that together exceed the payment, the second reads the exact sum", async ({ browser }) => {
  const order = await paidOrder(browser);
  await ask(accountant, order.path, "4000");
  await ask(accountant, order.path, "4000");
  await director.goto(order.path);
  await confirm(director, "Одобрить…", /^Вернуть 4\s000,00/);
  await expect(director.locator("summary", { hasText: "Одобрить…" })).toHaveCount(1);
  await confirm(director, "Одобрить…", /^Вернуть 4\s000,00/);
  await expect(director.getByRole("alert").filter({ hasText: /не больше 2\s631,00\s₽/ })).toBeVisible();
});

test("LOST-09: more than was due moves to another order of the same buyer", async () => {
  const buyer = { id: "5a1f0c71-0000-4000-8000-00000000e2e1", kind: "company", name: "ООО «Причал»", fullName: "ООО «Причал»", inn: "9900000049", kpp: "990101001" };
  const [from, to] = [await orderInOnec({ kind: "company", buyer }), await orderInOnec({ kind: "company", buyer })];
  await exchange();
  await open(accountant, from.siteNumber);
  const path = new URL(accountant.url()).pathname;
  await accountant.getByText(/Отметить оплату/).first().click();
  const sum = accountant.getByLabel("Сумма, ₽");
  const due = Number((await sum.inputValue()).replace(",", "."));
  await sum.fill((due + 1_000).toFixed(2).replace(".", ","));
  await accountant.getByLabel("Номер платёжного документа").fill("2044");
  await accountant.getByRole("button", { name: "Продолжить" }).click();
  await accountant.getByRole("button", { name: /^Отметить / }).click();
  await expect(accountant.getByText(/Оплата отмечена/)).toBeVisible();
  await accountant.goto(path);
  await expect(accountant.getByText(/Лишние деньги: 1\s000,00/)).toBeVisible();
  await accountant.getByRole("link", { name: "Перенести на другой заказ…" }).click();
  await accountant.getByLabel("Номер заказа этого покупателя").fill(to.siteNumber);
  await accountant.getByRole("button", { name: "Найти" }).click();
  await accountant.getByLabel("Почему и что сказал покупатель").fill("Просил зачесть в следующий заказ");
  await accountant.getByRole("button", { name: "Продолжить" }).click();
  await accountant.getByRole("button", { name: /^Перенести 1\s000,00/ }).click();
  await expect(accountant.getByText(/перенесены на заказ/).first()).toBeVisible();
  await open(accountant, to.siteNumber);
  await expect(accountant.getByText("Оплачен частично").first()).toBeVisible();
});

test("LOST-11: a refund begun in the bank's cabinet is found and shown as not ours", async ({ browser }) => {
  const order = await paidOrder(browser);
  const { payments } = await read<{ payments: { id: string; invoiceId?: string; sum?: string }[] }>("paykeeper/state");
  const payment = payments.find((each) => JSON.stringify(each).includes(order.number)) ?? payments.find((each) => each.invoiceId === order.bill);
  await control(`paykeeper/refund/${payment!.id}`, { amount: "350.00" });
  await accountant.goto(order.path);
  await expect(async () => {
    await accountant.getByRole("button", { name: "Проверить у провайдера" }).first().click();
    await accountant.goto(order.path);
    await expect(accountant.getByText(/Найден возврат 350,00\s₽, начатый не у нас/)).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 30_000 });
});

test("LOST-14: a dispute with its deadline, a file as proof, and the money back when it is won", async ({ browser }) => {
  const order = await paidOrder(browser);
  await accountant.goto(`${order.path}?action=dispute`);
  await accountant.getByLabel("Номер спора из письма").fill(`CB-${order.bill}`);
  await accountant.getByLabel("Ответить до").fill("2030-01-15");
  await accountant.getByRole("button", { name: "Продолжить" }).click();
  await accountant.getByRole("button", { name: /^Записать спор/ }).click();
  await expect(accountant.getByText("Спор записан")).toBeVisible();
  await accountant.goto(order.path);
  await expect(accountant.getByText("Ответить до 15.01.2030", { exact: true })).toBeVisible();
  await expect(accountant.getByText(/списаны по спору/)).toBeVisible();
  await accountant.locator("summary", { hasText: "Что произошло…" }).click();
  await accountant.getByLabel("Новое состояние").selectOption("won");
  await accountant.getByLabel("Что отправили или что ответил банк").fill("Отправили подпись курьера, банк согласился");
  await accountant.getByLabel("Файл").setInputFiles({ name: "Подпись курьера.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 proof") });
  await accountant.getByRole("button", { name: "Продолжить" }).filter({ visible: true }).click();
  await accountant.getByRole("button", { name: "Записать выигрыш" }).click();
  await expect(accountant.getByText("Выигран, деньги вернулись").first()).toBeVisible();
  await accountant.goto(order.path);
  const file = (await accountant.getByRole("link", { name: "Подпись курьера.pdf" }).getAttribute("href"))!;
  const answer = await accountant.request.get(new URL(file, web()).href);
  expect(answer.headers()["content-disposition"]).toContain("attachment");
  expect(await answer.text()).toBe("%PDF-1.4 proof");
  const manager = await signIn(browser, "manager");
  expect((await manager.request.get(new URL(file, web()).href)).status()).toBe(404);
  await manager.context().close();
});

for (const [name, options, pages] of [
  ["360 px, light", { viewport: { width: 360, height: 780 }, colorScheme: "light" as const }, ["/admin/payments?tab=refunds", "/admin/payments?tab=unbound", "order?action=refund"]],
  ["1440 px, dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" as const }, ["/admin/payments?tab=refunds", "/admin/payments?tab=disputes", "order?action=reverse"]],
] as const) {
  test(`the new pages are accessible and never wider than the screen: ${name}`, async ({ browser }) => {
    const page = await signIn(browser, "accountant", options);
    const order = (first ??= await paidOrder(browser)).path;
    const check = async (what: string) => {
      expect(await axeFaults(page, what)).toEqual([]);
      expect(await sidewaysPx(page), what).toBeLessThanOrEqual(0);
    };
    for (const at of pages) {
      await page.goto(at.replace("order", order));
      await check(at);
    }
    await page.goto("/admin/payments");
    await page.locator('main a[href*="open="]').filter({ visible: true }).first().click();
    await expect(page.getByRole("complementary", { name: "Платёж" })).toBeVisible();
    await check("list with an opened payment");
    await page.context().close();
  });
}

test("what the filter shows is a file for Excel", async () => {
  const answer = await accountant.request.get(new URL("/admin/payments/csv?method=card", web()).href);
  const bytes = await answer.body();
  expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  const lines = bytes.toString("utf8").trim().split("\r\n");
  expect(lines[0]).toContain("Заказ;Сумма, ₽");
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.slice(1).every((line) => line.includes(";Карта;"))).toBe(true);
});

test("files go in only where staff attach proofs: a buyer's form is a few fields", async ({ request }) => {
  const big = await request.post(new URL(`/pay/${"x".repeat(43)}`, web()).href, { data: "x".repeat(200_000), headers: { "content-type": "multipart/form-data; boundary=b" } });
  expect(big.status()).toBe(413);
});

test("FISC-16: the bank has done the first refund: its receipt is printed, staff and the buyer see it", async ({ browser }) => {
  if (!first) throw new Error("the first refund was not made");
  await director.goto(first.path);
  await expect(director.getByText("Деньги возвращены").first()).toBeVisible({ timeout: 60_000 });
  await expect(director.getByText("Возврат прихода").first()).toBeVisible();
  await expect(director.getByText(/возвращено 645,50/)).toBeVisible();
  const card = director.locator("section", { has: director.getByRole("heading", { name: "Чеки" }) });
  await expect(card.getByText("Пробит")).toHaveCount(2, { timeout: 30_000 });
  const buyer = await (await phone(browser)).newPage();
  await buyer.goto(first.link);
  await expect(buyer.getByText(/Возвращено 645,50\s₽/)).toBeVisible();
});

/** Screen A8: files of the bank, differences by cell with their causes, payouts to the kopeck, days that are closed. */
import { expect } from "@playwright/test";
import type { Browser, Page } from "@playwright/test";
import { test } from "./tidy-test.ts";
import { axeFaults, control, exchange, kettleAndBook, orderInOnec, phone, read, sidewaysPx, signIn, web } from "./world.ts";

test.describe.configure({ mode: "serial" });

/** The demo's own account (db/demo/parties.ts). */
const account = "40702810938000012345";
const uploads = "/admin/reconciliation/uploads";
/** The day in Moscow, `YYYY-MM-DD`. */
const today = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 10);
const russian = (day: string) => day.split("-").reverse().join(".");

let accountant: Page;
test.beforeAll(async ({ browser }) => {
  accountant = await signIn(browser, "accountant");
});

/** An order of 6 631,00 ₽ paid by card; the bank's own id of the payment. */
async function paymentId(browser: Browser): Promise<string> {
  const order = await orderInOnec({ kind: "person", lines: kettleAndBook() });
  await exchange();
  await accountant.goto(`/admin/orders?q=${encodeURIComponent(order.siteNumber)}`);
  await accountant.getByRole("link", { name: new RegExp(order.siteNumber) }).first().click();
  const link = await accountant.getByRole("link", { name: "Открыть", exact: true }).first().getAttribute("href");
  const page = await (await phone(browser)).newPage();
  await page.goto(link!);
  await page.getByText("Банковская карта").click();
  await page.getByLabel(/Почта или телефон/).fill("sverka@mail.example");
  await page.getByRole("button", { name: /Оплатить/ }).click();
  await page.waitForURL(/\/paykeeper\/bill\/(\d+)/);
  const bill = /bill\/(\d+)/.exec(page.url())![1]!;
  await control(`pay/${bill}`, { outcome: "success" });
  await page.context().close();
  const { payments } = await read<{ payments: { id: string; invoiceId: string | null }[] }>("paykeeper/state");
  return payments.find((payment) => payment.invoiceId === bill)!.id;
}

const header = "ID платежа;Дата операции;Тип операции;Сумма;Комиссия;Номер выплаты;Дата выплаты";
type File = { name: string; mimeType: string; buffer: Buffer };
const csv = (name: string, rows: string[]): File => ({ name, mimeType: "text/csv", buffer: Buffer.from([header, ...rows].join("\r\n")) });

async function upload(page: Page, button: "Загрузить реестр" | "Загрузить выписку", file: File): Promise<void> {
  await page.goto(uploads);
  await page.locator(button === "Загрузить реестр" ? "#registry-file" : "#statement-file").setInputFiles(file);
  await page.getByRole("button", { name: button }).click();
}
const figure = (page: Page, name: string) => page.locator("dl > div", { has: page.getByText(name, { exact: true }) }).locator("dd").first();

/** The page of a day shows it once the worker has compared. */
async function seeOnDay(page: Page, day: string, text: RegExp): Promise<void> {
  await expect(async () => {
    await page.goto(`/admin/reconciliation/${day}`);
    await expect(page.getByText(text).filter({ visible: true }).first()).toBeVisible({ timeout: 1_500 });
  }).toPass({ timeout: 30_000 });
}

let registry: File;

test("a registry with a payment that we lack, another sum and bad lines: counts, set-aside lines, cells and causes", async ({ browser }) => {
  const paid = await paymentId(browser);
  const day = russian(today);
  registry = csv("sverka.csv", [
    `${paid};${day} 12:00:00;Оплата;6630.00;139.23;E2E-1;${day}`,
    `990001;${day} 12:05:00;Оплата;1200.00;25.20;E2E-1;${day}`,
    `990002;31.02.2026;Оплата;10.00;;;`,
    `990003;${day};Оплата;10.00;-1.00;;`,
    `${paid};${day} 12:00:00;Оплата;6630.00;139.23;E2E-1;${day}`,
  ]);
  await upload(accountant, "Загрузить реестр", registry);
  await expect(accountant.getByText("Отложенные строки")).toBeVisible();
  await expect(figure(accountant, "Новых")).toHaveText("2");
  await expect(figure(accountant, "Отложено")).toHaveText("3");
  for (const line of ["строка 4", "строка 5", "строка 6"]) await expect(accountant.getByText(line, { exact: true })).toBeVisible();
  await expect(accountant.getByText(/вторая не учтена/)).toBeVisible();
  await expect(accountant.getByText(/Ирина Белова/).first()).toBeVisible();

  await seeOnDay(accountant, today, /Нет у нас/);
  await expect(accountant.getByRole("listitem").filter({ hasText: "Сумма" }).filter({ hasText: "у нас 6\u202F631,00\u00A0₽, у банка 6\u202F630,00\u00A0₽" })).toBeVisible();
  await expect(accountant.getByRole("listitem").filter({ hasText: "платёж 990001" })).toContainText("1\u202F200,00");
  // The cell leads to what it is made of; other sources of the day are left out.
  await accountant.getByRole("region", { name: "Пять источников" }).locator('a[href*="column=registry"]').click();
  await expect(accountant).toHaveURL(/column=registry/);
  await expect(accountant.getByText("Показать все")).toBeVisible();
  await accountant.getByRole("link", { name: /Ещё может прийти/ }).click();
  await expect(accountant.getByText(/Ещё может прийти до \d\d\.\d\d\.\d{4}/).first()).toBeVisible();
});

test("one difference is decided with a reason and stays decided", async () => {
  // ALR-16 leads to the difference itself.
  await accountant.goto("/admin/alerts");
  await accountant.getByRole("link", { name: /^Сверка: сумма, 6\s630,00/ }).click();
  await expect(accountant).toHaveURL(new RegExp(`/admin/reconciliation/${today}\\?tab=open&opened=`));
  await expect(accountant.getByText(/Возвраты по этому платежу закрыты до решения/)).toBeVisible();
  await accountant.locator("summary", { hasText: "Решено…" }).click();
  await expect(accountant.getByRole("button", { name: "Не сейчас" }).filter({ visible: true }).first()).toBeFocused();
  const reason = accountant.getByLabel("Причина").filter({ visible: true });
  await reason.fill("да");
  await accountant.getByRole("button", { name: "Закрыть как решённое" }).click();
  await expect(accountant.getByText("Напишите причину решения")).toBeVisible();
  await expect(reason).toHaveValue("да");
  await reason.fill("Рубль удержан по письму банка № 12");
  await accountant.getByRole("button", { name: "Закрыть как решённое" }).click();
  await expect(async () => {
    await accountant.goto(`/admin/reconciliation/${today}?class=AMOUNT_MISMATCH&tab=closed`);
    await expect(accountant.getByText(/Решено .*Ирина Белова: Рубль удержан по письму банка № 12/)).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 15_000 });
  await accountant.goto(`/admin/reconciliation/${today}?class=AMOUNT_MISMATCH&tab=open`);
  await accountant.getByRole("button", { name: "Сверить сейчас" }).click();
  await expect(accountant.getByRole("status").filter({ hasText: /Сверено/ })).toBeVisible({ timeout: 30_000 });
  await expect(accountant.getByText("Решать нечего")).toBeVisible();
});

test("the same file again changes nothing, with scripts and without; a file that is no registry is refused beside the field", async ({ browser }) => {
  await upload(accountant, "Загрузить реестр", registry);
  await expect(accountant.getByText("Этот файл уже загружен")).toBeVisible();
  await upload(accountant, "Загрузить реестр", { name: "photo.csv", mimeType: "text/csv", buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 1]) });
  await expect(accountant.locator("#registry-file-error")).toBeVisible();
  const plain = await browser.newContext({ baseURL: web(), javaScriptEnabled: false, storageState: await accountant.context().storageState() });
  const page = await plain.newPage();
  await upload(page, "Загрузить реестр", registry);
  await expect(page.getByText("Этот файл уже загружен")).toBeVisible();
  await upload(page, "Загрузить выписку", registry);
  await expect(page.getByText("Файл не принят, ничего не сохранено")).toBeVisible();
  await plain.close();
});

test("REC-06: the statement pays the payout out: gross − fees = credited, to the kopeck", async () => {
  const day = russian(today);
  const text = [
    "1CClientBankExchange", "ВерсияФормата=1.03", `РасчСчет=${account}`, "СекцияДокумент=Банковский ордер", "Номер=9001", `Дата=${day}`, "Сумма=7665.57", "ПлательщикСчет=30232810200000000333", "Плательщик1=ПАО СБЕРБАНК",
    `ПолучательСчет=${account}`, `ДатаПоступило=${day}`, "НазначениеПлатежа=Возмещение по эквайрингу, выплата E2E-1", "КонецДокумента", "КонецФайла",
  ].join("\r\n");
  await upload(accountant, "Загрузить выписку", { name: "kl_to_1c.txt", mimeType: "text/plain", buffer: Buffer.from(text) });
  await expect(figure(accountant, "Новых")).toHaveText("1");
  await seeOnDay(accountant, today, /Сошлось до копейки/);
  const payout = accountant.getByRole("region", { name: "Выплата №\u00A0E2E-1" });
  for (const line of [/Валовая сумма.*7\u202F830,00/s, /Комиссия.*\u2212164,43/s, /К зачислению.*7\u202F665,57/s, /Зачислено.*7\u202F665,57/s]) await expect(payout).toContainText(line);
});

test("M2: a credit is taken off a payout with a reason and given back; the differences follow", async () => {
  await accountant.goto(`/admin/reconciliation/${today}`);
  const payout = accountant.getByRole("region", { name: "Выплата №\u00A0E2E-1" });
  await payout.locator("summary", { hasText: "Отвязать…" }).click();
  await expect(payout.getByRole("button", { name: "Не сейчас" }).filter({ visible: true })).toBeFocused();
  await payout.getByLabel("Почему").filter({ visible: true }).fill("Это выплата другого магазина");
  await payout.getByRole("button", { name: "Отвязать зачисление" }).click();
  await expect(payout).toContainText("ещё нет");
  await payout.locator("summary", { hasText: "Связать с зачислением…" }).click();
  await expect(payout.getByLabel(/Каким зачислением/)).toContainText("7\u202F665,57");
  await payout.getByLabel("Почему").filter({ visible: true }).fill("Банк подтвердил письмом");
  await payout.getByRole("button", { name: "Связать с выплатой" }).click();
  await expect(payout).toContainText("Сошлось до копейки");
});

test("LOST-23: transfers that nobody knows: one is bound to its order, one is not ours, and the list is empty", async () => {
  await accountant.goto("/admin/reconciliation");
  const section = accountant.getByRole("region", { name: "Невыясненные поступления" });
  const partner = section.getByRole("listitem").filter({ hasText: "Северный Ветер" });
  await partner.locator("summary", { hasText: "Привязать…" }).click();
  await partner.getByLabel("Номер заказа").fill("нет-такого");
  await partner.getByLabel("Откуда известно, чей это платёж").fill("Партнёр платит за покупателя, письмо от бухгалтера");
  await partner.getByRole("button", { name: "Продолжить" }).click();
  await expect(partner.getByText("Заказа с таким номером нет")).toBeVisible();
  const number = /№\s(\S+)/.exec(await partner.getByRole("link").first().innerText())![1]!;
  await partner.getByLabel("Номер заказа").fill(number);
  await partner.getByRole("button", { name: "Продолжить" }).click();
  const review = partner.getByRole("group", { name: "Проверьте перед отправкой" });
  await expect(review).toContainText(`к заказу №\u00A0${number}`);
  await review.getByRole("button", { name: /^Привязать/ }).click();
  await expect(partner).toHaveCount(0);
  const tenant = section.getByRole("listitem").filter({ hasText: "Балтупак" });
  await tenant.locator("summary", { hasText: "Не наш платёж…" }).click();
  await tenant.getByLabel("Что это за деньги").fill("Арендатор внёс залог за склад");
  await tenant.getByRole("button", { name: "Отметить: не наш платёж" }).click();
  await expect(section.getByText("Все поступления разобраны")).toBeVisible();
  await accountant.goto(`/admin/orders?q=${encodeURIComponent(number)}`);
  await accountant.getByRole("link", { name: new RegExp(number) }).first().click();
  await expect(accountant.getByText("Оплачен", { exact: true }).first()).toBeVisible();
});

test("REC-10: a day is closed by name; a line that comes later is shown and its figures stay", async () => {
  await accountant.goto("/admin/reconciliation");
  const row = accountant.getByRole("row").filter({ hasText: "Сходится" }).first();
  await row.getByRole("link").first().click();
  await expect(accountant.getByRole("heading", { level: 1 })).toContainText("Сверка за");
  const day = /reconciliation\/(\d{4}-\d{2}-\d{2})/.exec(accountant.url())![1]!;
  const table = accountant.getByRole("region", { name: "Пять источников" });
  const before = await table.innerText();
  await accountant.getByRole("button", { name: "Закрыть день…" }).click();
  const review = accountant.getByRole("group", { name: "Проверьте перед отправкой" });
  await expect(review.getByRole("button", { name: "Изменить" })).toBeFocused();
  await review.getByRole("button", { name: /^Закрыть \d/ }).click();
  await expect(accountant.getByText(/Закрыт: Ирина Белова/)).toBeVisible();
  expect(await table.innerText()).toBe(before);

  await upload(accountant, "Загрузить реестр", csv("late.csv", [`990009;${russian(day)} 10:00:00;Оплата;500.00;10.50;;`]));
  await expect(accountant.getByText(/День .* закрыт: строка сохранена/)).toBeVisible();
  await seeOnDay(accountant, day, /После закрытия дня/);
  const after = await table.innerText();
  // The cells may turn red, the sums do not change.
  expect(after.match(/[\d\u202F]+,\d\d/g)?.slice(0, 3)).toEqual(before.match(/[\d\u202F]+,\d\d/g)?.slice(0, 3));
  await accountant.locator("summary", { hasText: "Открыть день…" }).click();
  await accountant.getByLabel("Зачем").fill("Банк дослал строку");
  await accountant.getByRole("button", { name: /^Открыть \d/ }).click();
  await expect(accountant.getByText(/открыл Ирина Белова.*Банк дослал строку/)).toBeVisible();
});

test("the month's workbook; a manager has none of it", async ({ browser }) => {
  const answer = await accountant.request.get(`/admin/reconciliation/month?month=${today.slice(0, 7)}`);
  expect(answer.status()).toBe(200);
  expect(answer.headers()["content-type"]).toContain("spreadsheetml");
  expect((await answer.body()).subarray(0, 2).toString()).toBe("PK");
  const manager = await signIn(browser, "manager");
  await manager.goto("/admin");
  await expect(manager.getByRole("navigation", { name: "Разделы" }).filter({ visible: true }).getByRole("link", { name: "Чеки" })).toBeVisible();
  await expect(manager.getByRole("navigation", { name: "Разделы" }).getByRole("link", { name: "Сверка" })).toHaveCount(0);
  // An alert of the manager's own store leads to the order instead.
  await manager.getByRole("link", { name: /^Сверка: / }).first().click();
  await expect(manager).toHaveURL(/\/admin\/orders\//);
  for (const at of ["/admin/reconciliation", `/admin/reconciliation/${today}`, uploads]) {
    expect((await manager.goto(at))!.status(), at).toBe(404);
  }
  expect((await manager.request.get(`/admin/reconciliation/month?month=${today.slice(0, 7)}`)).status()).toBe(403);
  const door = `${web()}/api/staff/reconciliation/files`;
  const multipart = { kind: "registry", file: { name: "x.csv", mimeType: "text/csv", buffer: Buffer.from(header) } };
  expect((await manager.request.post(door, { multipart, headers: { accept: "application/json", origin: web() } })).status()).toBe(403);
  expect((await accountant.request.post(door, { multipart, headers: { accept: "application/json", origin: "https://evil.example" } })).status()).toBe(403);
});

for (const [name, options] of [
  ["360 px, light", { viewport: { width: 360, height: 780 }, colorScheme: "light" as const }],
  ["1440 px, dark", { viewport: { width: 1440, height: 900 }, colorScheme: "dark" as const }],
] as const) {
  test(`accessible and never wider than the screen: ${name}`, async ({ browser }) => {
    const page = await signIn(browser, "accountant", options);
    const check = async (what: string) => {
      expect(await axeFaults(page, what)).toEqual([]);
      expect(await sidewaysPx(page), what).toBeLessThanOrEqual(0);
      await page.screenshot({ path: `test-results/reconciliation-${what}-${options.viewport.width}.png`, fullPage: true });
    };
    await page.goto("/admin/reconciliation");
    await expect(page.getByRole("heading", { name: "Сверка" })).toBeVisible();
    await check("list");
    await page.goto(`/admin/reconciliation/${today}`);
    await page.getByRole("link", { name: /^Разобрать/ }).first().click();
    await page.locator("summary", { hasText: "Решено…" }).click();
    await check("day");
    await page.goto(uploads);
    await page.getByRole("link", { name: /Реестр/ }).filter({ visible: true }).first().click();
    await expect(page.getByText("Отложено").filter({ visible: true }).first()).toBeVisible();
    await check("uploads");
  });
}

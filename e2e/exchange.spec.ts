/** A9: what an accountant does with the exchange: reads the journal, decides conflicts, repeats and skips documents, tries a file. And how the doors of 1C answer. */
import { expect } from "@playwright/test";
import type { Locator, Page } from "@playwright/test";
import { test } from "./tidy-test.ts";
import { axeFaults, control, credentials, exchange, kettleAndBook, orderInOnec, sidewaysPx, signIn, web } from "./world.ts";
import type { OnecOrder } from "./world.ts";

let accountant: Page;
test.beforeAll(async ({ browser }) => {
  accountant = await signIn(browser, "accountant");
});

const axe = async (page: Page, what: string) => {
  expect(await axeFaults(page, what)).toEqual([]);
  expect(await sidewaysPx(page), what).toBeLessThanOrEqual(0);
};
const found = async (query: string): Promise<void> => {
  await accountant.goto(`/admin/exchange?${query}`);
  await expect(accountant.getByRole("heading", { name: "Обмен с\u00A01С" })).toBeVisible();
};
const sentences = () => accountant.getByRole("region", { name: "Сообщения обмена" }).getByRole("row");

/** The order's page, and on it another contact for the receipt. */
async function openOrder(number: string): Promise<void> {
  await accountant.goto(`/admin/orders?q=${encodeURIComponent(number)}`);
  await accountant.getByRole("link", { name: new RegExp(number) }).first().click();
  await expect(accountant.getByRole("heading", { level: 1 })).toContainText(number);
}
async function correctContact(order: { number: string }, contact: string): Promise<void> {
  await openOrder(order.number);
  await accountant.getByText("Изменить контакт").click();
  await accountant.getByLabel("E-mail или телефон").fill(contact);
  await accountant.getByRole("button", { name: "Сохранить контакт" }).click();
  await expect(accountant.getByText("Контакт сохранён")).toBeVisible();
}

/** «Розница» sends the buyer's contact, УТ does not. */
async function retail(order: Record<string, unknown>): Promise<Pick<OnecOrder, "id" | "number">> {
  const { orders } = await control<{ orders: OnecOrder[] }>("json/retail/orders", { orders: [order] });
  return orders[0]!;
}
const retailExchange = async () => expect(await control("json/retail/exchange")).toMatchObject({ ok: true });
const conflictOf = ({ number }: { number: string }): Locator => accountant.getByRole("article", { name: new RegExp(number) }).filter({ visible: true });

test("LOST-17: our contact against 1C's: kept once, taken once; the same word of 1C asks no more", async () => {
  const [kept, taken] = [await retail({ kind: "person", customer: { email: "old1@buyer.example" }, lines: kettleAndBook() }), await retail({ kind: "person", customer: { email: "old2@buyer.example" }, lines: kettleAndBook() })];
  await retailExchange();
  await correctContact(kept, "typed1@buyer.example");
  await correctContact(taken, "typed2@buyer.example");
  await retail({ id: kept.id, customer: { email: "new1@buyer.example" } });
  await retail({ id: taken.id, customer: { email: "new2@buyer.example" } });
  await retailExchange();

  // The first line is a sentence.
  await found(`q=${encodeURIComponent(kept.number)}&result=conflict`);
  await expect(sentences().nth(1).getByRole("link").first()).toHaveText("1С говорит иначе, чем мы: контакт для чека");
  await expect(sentences().nth(1)).toContainText("Конфликт");

  await found("tab=conflicts");
  await axe(accountant, "inbox of conflicts");
  await expect(conflictOf(kept)).toContainText("ty***@buyer.example");
  await expect(conflictOf(kept)).toContainText("ne***@buyer.example");
  await conflictOf(kept).getByRole("button", { name: "Оставить наше" }).click();
  await expect(conflictOf(kept)).toHaveCount(0);

  // The other one is decided where the order is.
  await openOrder(taken.number);
  await expect(accountant.getByText("Конфликт с 1С")).toBeVisible();
  await axe(accountant, "conflict on the order's page");
  await accountant.getByRole("button", { name: "Взять из 1С" }).click();
  await expect(accountant.getByText("Конфликт с 1С")).toHaveCount(0);
  await expect(accountant.getByText("ne***@buyer.example").first()).toBeVisible();

  await retail({ id: kept.id, comment: "повтор" });
  await retailExchange();
  await found("tab=conflicts");
  await expect(conflictOf(kept)).toHaveCount(0);
  await accountant.getByText("Решённые").click();
  await expect(conflictOf(kept)).toContainText("Оставлено наше");
  await expect(conflictOf(taken)).toContainText("Взято из 1С");
});

test("CML-19, CML-23: a document with a taken number: repeated in vain, bound to its order by hand; another one is skipped with a reason", async () => {
  const first = await orderInOnec({ kind: "person", lines: kettleAndBook() });
  await exchange();
  const [twin, unwanted] = [await orderInOnec({ kind: "person", id: crypto.randomUUID(), siteNumber: first.siteNumber }), await orderInOnec({ kind: "person", id: crypto.randomUUID(), siteNumber: first.siteNumber })];
  expect(JSON.stringify(await control("onec/exchange"))).toContain("номер занят");

  await found(`tab=errors&q=${encodeURIComponent(first.siteNumber)}`);
  await expect(sentences()).toHaveCount(3);
  const open = async (order: OnecOrder) => {
    await found(`q=${order.id}`);
    await sentences().nth(1).getByRole("link").first().click();
    await expect(accountant.getByRole("heading", { level: 1 })).toContainText("не принят");
  };
  await open(twin);
  await axe(accountant, "message");
  await accountant.getByRole("button", { name: "Повторить" }).click();
  await expect(accountant.getByRole("alert").filter({ hasText: "Снова не принято" })).toBeVisible();
  await accountant.getByText("Применить вручную…").click();
  await accountant.getByLabel("Это заказ с номером").fill(first.siteNumber);
  await accountant.getByRole("button", { name: "Применить", exact: true }).click();
  await expect(accountant.getByText(/Применено|Без изменений/).first()).toBeVisible();
  await expect(accountant.getByRole("button", { name: "Повторить" })).toHaveCount(0);

  await open(unwanted);
  await accountant.getByText("Пропустить…").click();
  await accountant.getByRole("button", { name: "Пропустить документ" }).click();
  await accountant.getByLabel("Почему он не нужен").fill("Введён по ошибке");
  await accountant.getByRole("button", { name: "Пропустить документ" }).click();
  await expect(accountant.getByText("Пропущено: Введён по ошибке")).toBeVisible();
  // 1C sends both again, and is told that they are taken.
  await exchange();
  await found(`tab=errors&q=${encodeURIComponent(first.siteNumber)}`);
  await expect(sentences()).toHaveCount(0);
});

test("dry run: a pasted file is judged document by document, and nothing of it is written", async () => {
  const known = await orderInOnec({ kind: "person", lines: kettleAndBook() });
  await exchange();
  const ghost = `ПРОБА-${known.siteNumber.slice(-4)}`;
  const paper = (id: string, number: string, sum: string) =>
    `<Документ><Ид>${id}</Ид><Номер>${number}</Номер><Дата>2026-11-20</Дата><ХозОперация>Заказ товара</ХозОперация><Роль>Продавец</Роль><Валюта>RUB</Валюта><Курс>1</Курс><Сумма>${sum}</Сумма>` +
    `<Товары><Товар><Ид>g1</Ид><Наименование>Чайник</Наименование><ЦенаЗаЕдиницу>1000</ЦенаЗаЕдиницу><Количество>1</Количество><Сумма>1000.00</Сумма></Товар></Товары></Документ>`;
  await accountant.goto("/admin/exchange/try");
  await accountant.getByLabel("База").selectOption({ label: "1С: Управление торговлей (песочница)" });
  await accountant.getByLabel("Текст файла CommerceML").fill(
    `<?xml version="1.0" encoding="UTF-8"?><КоммерческаяИнформация ВерсияСхемы="2.07">${paper(crypto.randomUUID(), ghost, "1000.00")}${paper(known.id, known.siteNumber, "1000.00")}${paper(crypto.randomUUID(), "БЕЗ-СУММЫ", "1О00")}</КоммерческаяИнформация>`,
  );
  await accountant.getByRole("button", { name: "Проверить" }).click();
  await expect(accountant.getByText("Проверено. Ничего не записано")).toBeVisible();
  const items = accountant.locator("ol > li");
  await expect(items).toHaveCount(3);
  await expect(items.nth(0)).toContainText(ghost);
  await expect(items.nth(1)).toContainText(/1С .*изменила .*сумма \u22125\u202F631,00/);
  await expect(items.nth(1).getByRole("row", { name: /Сумма заказа/ })).toContainText("1\u202F000,00\u00A0₽");
  await expect(items.nth(2)).toContainText("Не примем");
  await axe(accountant, "dry run");
  await accountant.goto(`/admin/orders?q=${encodeURIComponent(ghost)}`);
  await expect(accountant.getByRole("link", { name: new RegExp(ghost) })).toHaveCount(0);
  await found(`q=${encodeURIComponent(known.siteNumber)}`);
  await expect(sentences()).toHaveCount(2);
});

test("API-1: over the real server the doors answer with and without a slash at the end, without a redirect, whole and with their exact length", async () => {
  const { json, bills, onec } = credentials();
  const basic = (who: { login: string; password: string }) => ({ authorization: `Basic ${Buffer.from(`${who.login}:${who.password}`).toString("base64")}` });
  const calls: [at: string, headers: Record<string, string>, init?: RequestInit][] = [
    ["/api/1c/v1/ping", basic(json)], ["/api/1c/v1/changes?since=0", basic(json)], ["/api/1c/v1/nowhere", basic(json)], ["/api/1c/v1/openapi.json", {}], ["/api/shop/v1/orders/none", {}],
    ["/info/settings/token", basic(bills)], ["/change/invoice/preview", { ...basic(bills), "content-type": "application/x-www-form-urlencoded" }, { method: "POST", body: "pay_amount=1" }], ["/bitrix/admin/1c_exchange.php?type=sale&mode=checkauth", basic(onec)],
  ];
  for (const [at, headers, init] of calls) {
    for (const address of [at, at.replace(/(\?|$)/, "/$1")]) {
      const answer = await fetch(`${web()}${address}`, { redirect: "manual", headers, ...init });
      const bytes = await answer.arrayBuffer();
      expect([answer.status, answer.headers.get("content-length"), answer.headers.get("transfer-encoding")], address).toEqual([at.includes("nowhere") ? 404 : at.includes("shop") ? 401 : 200, String(bytes.byteLength), null]);
    }
  }
  for (const address of ["/api/1c/v1/docs", "/api/1c/v1/docs/"]) {
    const answer = await accountant.goto(address);
    expect(answer?.status(), address).toBe(200);
    await expect(accountant.getByRole("heading", { level: 1 })).toBeVisible();
  }
  // The whole page takes axe most of a minute; its parts repeat.
  expect(await axeFaults(accountant, "docs", ["header", "#rules", "#getOrder", "#errors"])).toEqual([]);
});

/** What a test knows of the outside: addresses, logins, the sandbox's control API. Nothing of lib/ or db/. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect } from "@playwright/test";

type Credentials = {
  staff: { role: string; email: string; password: string }[];
  onec: { address: string; login: string; password: string };
  json: { address: string; login: string; password: string };
  bills: { address: string; login: string; password: string };
  paykeeper: { notificationAddress: string; secretWord: string };
  sandbox: { home: string; control: string; mail: string; shop: string };
};

export const web = (): string => process.env["E2E_WEB"] ?? "";
export const credentials = (): Credentials => JSON.parse(readFileSync(path.join(process.env["E2E_DATA_DIR"] ?? "", "demo-credentials.json"), "utf8")) as Credentials;

async function call<T>(method: string, at: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${credentials().sandbox.control}${at}`, {
    method,
    ...(body !== undefined && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`sandbox ${at}: ${answer.status} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}
export const control = <T = unknown>(at: string, body: Record<string, unknown> = {}): Promise<T> => call("POST", at, body);
export const read = <T = unknown>(at: string): Promise<T> => call("GET", at);

/** Ends every fault of the sandbox. */
export async function disarmFaults(): Promise<void> {
  const { armed } = await read<{ armed: { target: string; fault: string; on: string | null }[] }>("fault");
  for (const { target, fault, on } of armed) await control("fault", { target, fault, times: 0, ...(on !== null && { on }) });
}

export type OnecOrder = { id: string; number: string; siteNumber: string };
type Exchange = { ok: boolean; error: string | null; loaded?: { created?: unknown[]; damaged?: unknown[]; skipped?: unknown[] } };

/** A new order in 1C, not uploaded yet. */
export async function orderInOnec(order: Record<string, unknown>): Promise<OnecOrder> {
  const made = await control<{ orders: OnecOrder[] }>("onec/orders", { orders: [order] });
  const [first] = made.orders;
  if (!first) throw new Error(`1C made no order: ${JSON.stringify(made)}`);
  return first;
}

/** «Обмен» of 1C; fails the test when 1C is not content. */
export async function exchange(): Promise<Exchange> {
  const result = await control<Exchange>("onec/exchange");
  expect(result, JSON.stringify(result).slice(0, 600)).toMatchObject({ ok: true });
  return result;
}

export const kettleAndBook = (): Record<string, unknown>[] => [
  { article: "ЧЗ-12", name: "Чайник заварочный «Ладога», 1,2 л", price: "4990.00", quantity: "1", vat: "22", kind: "goods" },
  { article: "КР-01", name: "Книга «Северная кухня»", price: "645.50", quantity: "2", vat: "10", kind: "goods" },
  { article: "ДОСТ", name: "Доставка курьером", price: "350.00", quantity: "1", vat: "22", kind: "service" },
];

type Session = Awaited<ReturnType<BrowserContext["storageState"]>>;
const sessions = new Map<string, Session>();

/** A staff page of a person who signed in before, on a sheet of their own. The first of each role signs in by the form. */
export async function signIn(browser: Browser, role: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Page> {
  const login = credentials().staff.find((person) => person.role === role);
  if (!login) throw new Error(`no demo ${role}`);
  const session = sessions.get(role);
  const page = await (await desktop(browser, { ...(session && { storageState: session }), ...options })).newPage();
  if (session) return page;
  await page.goto("/admin");
  await page.getByLabel("Почта").fill(login.email);
  await page.getByLabel("Пароль", { exact: true }).fill(login.password);
  await page.getByRole("button", { name: "Войти" }).click();
  await expect(page.getByRole("heading", { name: "Обзор" })).toBeVisible();
  sessions.set(role, await page.context().storageState());
  return page;
}

/**
 * Faults of accessibility, `what: rule element`, of the page or of its parts. Only faults are described and nothing is gathered from frames
 * (there are none): that halves the time and finds the same.
 */
export async function axeFaults(page: Page, what: string, parts: string[] = []): Promise<string[]> {
  const builder = new AxeBuilder({ page }).setLegacyMode(true).options({ resultTypes: ["violations"] });
  for (const part of parts) builder.include(part);
  return (await builder.analyze()).violations.map((fault) => `${what}: ${fault.id} ${fault.nodes[0]?.html.slice(0, 200) ?? ""}`);
}

/** How far the page is wider than its screen, px. */
export const sidewaysPx = (page: Page): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export const phone = (browser: Browser): Promise<BrowserContext> =>
  browser.newContext({ baseURL: web(), locale: "ru-RU", timezoneId: "Europe/Moscow", viewport: { width: 360, height: 780 }, isMobile: true, hasTouch: true });
export const desktop = (browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<BrowserContext> =>
  browser.newContext({ baseURL: web(), locale: "ru-RU", timezoneId: "Europe/Moscow", viewport: { width: 1440, height: 900 }, ...options });

/** Process ids of the web and the worker, children of the supervisor. */
export function pidOf(kind: "web" | "worker"): number {
  const rows = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  const wanted = kind === "worker" ? /worker\.ts/ : /next(-server|\/dist\/bin\/next)/;
  const row = rows.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).find((m) => m && m[2] === process.env["E2E_APP_PID"] && wanted.test(m[3] ?? ""));
  if (!row?.[1]) throw new Error(`no ${kind} process`);
  return Number(row[1]);
}

/** Waits until the app says that it is well again. */
export async function waitUntilHealthy(): Promise<void> {
  await expect
    .poll(async () => (await fetch(`${web()}/api/health`).catch(() => null))?.status, { timeout: 60_000 })
    .toBe(200);
}

/** CML-1, CML-2: where the exchange answers, and that nothing stands before it. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import config from "../../next.config.mjs";
import { config as proxy } from "../../proxy.ts";

const root = path.resolve(import.meta.dirname, "../..");
const source = (route: string) => readFileSync(path.join(root, "app", route, "route.ts"), "utf8");

test("CML-1: Bitrix's address and our short one are the same handler, by GET and by POST", () => {
  const [bitrix, short] = [source("bitrix/admin/1c_exchange.php"), source("api/onec/exchange")];
  expect(bitrix).toBe(short);
  expect(bitrix).toMatch(/exchangeRoute\(await getContext\(\), request\)/);
  expect(bitrix).toMatch(/export \{ exchange as GET, exchange as POST \}/);
});

test("CML-2: no redirect of a trailing slash, none by configuration, no page headers and no login in front", () => {
  expect(config.skipTrailingSlashRedirect).toBe(true);
  expect(Object.keys(config)).not.toContain("redirects");
  expect(Object.keys(config)).not.toContain("i18n");
  for (const address of ["/bitrix/admin/1c_exchange.php", "/bitrix/admin/1c_exchange.php/", "/api/onec/exchange", "/api/onec/exchange/"]) {
    for (const matcher of proxy.matcher) expect(new RegExp(`^${matcher}$`).test(address)).toBe(false);
  }
  expect(proxy.matcher.some((matcher) => new RegExp(`^${matcher}$`).test("/admin/exchange"))).toBe(true);
});

test("API-6: a wrong method of a programmer's door is answered by the door, in its JSON, not by an empty page of the framework", () => {
  for (const route of ["api/1c/v1/[...path]", "api/shop/v1/[...call]", "info/[...call]", "change/[...call]"]) {
    const exported = /^export \{([^}]+)\};$/m.exec(source(route))![1]!.match(/(?<= as )[A-Z]+/g);
    expect([route, ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"].filter((method) => !exported!.includes(method))]).toEqual([route, []]);
  }
});

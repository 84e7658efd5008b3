import { foreignOrigin, same, sendEmpty, sendHtml, type Call } from "./core/http.ts";
import { html, page } from "./core/page.ts";
import type { World } from "./core/world.ts";
import { control } from "./control.ts";
import { indexPage, logPage } from "./index-page.ts";
import type { Mailbox } from "./mail/mailbox.ts";
import { mailPages } from "./mail/pages.ts";
import type { OneC } from "./onec/engine.ts";
import { onecPages } from "./onec/pages.ts";
import { basesPage } from "./bases/page.ts";
import type { BillBase } from "./bill-base/engine.ts";
import { billPages as billBasePages } from "./bill-base/pages.ts";
import type { JsonBases } from "./json-base/bases.ts";
import { jsonPages } from "./json-base/pages.ts";
import { baseOfService } from "./json-base/service-address.ts";
import { takePush } from "./json-base/service.ts";
import type { OrangeSide } from "./orange/engine.ts";
import { ofdPages } from "./orange/ofd-page.ts";
import type { Shop } from "./shop/engine.ts";
import { shopPages } from "./shop/pages.ts";
import { payKeeperApi } from "./paykeeper/api.ts";
import { bankApp } from "./paykeeper/bank-app.ts";
import { billPages } from "./paykeeper/bill-page.ts";
import type { Cabinet } from "./paykeeper/cabinet.ts";
import { cabinetPage } from "./paykeeper/cabinet-page.ts";

export type Sides = { world: World; cabinet: Cabinet; orange: OrangeSide; mailbox: Mailbox; onec: OneC; unf: OneC; jsonBases: JsonBases; bills: BillBase; shop: Shop };

/** The plain HTTP port: every side under its own prefix. */
export function createRoutes(sides: Sides): (call: Call) => Promise<void> {
  const { world, cabinet, orange } = sides;
  return async (call) => {
    const { path } = call;
    if (path === "/") return indexPage(sides, call);
    if (path === "/log/") return logPage(sides, call);
    if (path === "/bases/") return basesPage(sides, call);
    const pushed = baseOfService(path);
    const service = pushed === null ? null : sides.jsonBases.find(pushed);
    if (service) return takePush(service, call);
    if (path === "/paykeeper/") return cabinetPage(cabinet, call);
    if (path.startsWith("/paykeeper/bill/") || path.startsWith("/paykeeper/sbp/") || path.startsWith("/paykeeper/result/")) {
      return billPages(cabinet, call, path.slice("/paykeeper".length));
    }
    if (path.startsWith("/paykeeper/")) return payKeeperApi(world, cabinet, call, path.slice("/paykeeper".length));
    if (path.startsWith("/nspk/")) return bankApp(cabinet, call);
    if (path.startsWith("/orange/")) {
      return orange.answer(call, path.slice("/orange".length), same(String(call.req.headers["x-sandbox-client-cert"] ?? ""), "ok"));
    }
    if (path.startsWith("/ofd/")) return ofdPages(orange.state, orange.kkt, call);
    if (path.startsWith("/mail/")) return mailPages(sides.mailbox, call);
    if (path.startsWith("/shop/")) return shopPages(sides.shop, call);
    if (path.startsWith("/onec/") || path.startsWith("/json/") || path.startsWith("/bills/") || path.startsWith("/_ctl/")) {
      if (call.method !== "GET" && foreignOrigin(call)) return sendEmpty(call, 403);
      if (path.startsWith("/onec/")) return onecPages(path.startsWith("/onec/unf/") ? sides.unf : sides.onec, call);
      if (path.startsWith("/bills/")) return billBasePages(sides.bills, call);
      return path.startsWith("/json/") ? jsonPages(sides.jsonBases, call) : control(sides, call);
    }
    sendHtml(call, 404, page("Не найдено", html`<h1>Страница не найдена</h1>`, { nav: true }));
  };
}

import { describe, expect, test } from "vitest";
import { contentSecurityPolicy, pageHeaders } from "./security-headers.ts";
import { isMachine } from "./user-agent.ts";

const policy = (given = {}) => contentSecurityPolicy({ nonce: "bm9uY2U=", formOrigins: ["https://shop.server.paykeeper.ru"], isDev: false, allowStyleAttributes: false, ...given }).split("; ");

describe("SEC-11: pages with payment", () => {
  test("nothing foreign runs, frames us or takes our forms, except the acquirer", () => {
    expect(policy()).toEqual(
      expect.arrayContaining([
        "default-src 'self'", "script-src 'self' 'nonce-bm9uY2U=' 'strict-dynamic'", "style-src 'self' 'nonce-bm9uY2U='", "style-src-attr 'none'", "object-src 'none'",
        "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self' https://shop.server.paykeeper.ru", "report-uri /api/csp-report",
      ]),
    );
    expect(policy().join()).not.toContain("unsafe");
  });
  test("secret addresses send no referrer; HSTS only over https", () => {
    expect(pageHeaders({ isSecret: true, isHttps: false })).toMatchObject({ "referrer-policy": "no-referrer", "x-robots-tag": "noindex, nofollow", "x-content-type-options": "nosniff" });
    expect(pageHeaders({ isSecret: true, isHttps: false })).not.toHaveProperty("strict-transport-security");
    expect(pageHeaders({ isSecret: false, isHttps: true })["strict-transport-security"]).toContain("max-age=31536000");
  });
});

test("previews of messengers are no openings by a person", () => {
  expect(["TelegramBot (like TwitterBot)", "WhatsApp/2.23", "facebookexternalhit/1.1", "", "curl/8"].every(isMachine)).toBe(true);
  expect(isMachine("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 Safari/604.1")).toBe(false);
  expect(isMachine("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 YaBrowser/24.10 Safari/537.36")).toBe(false);
});

import { randomBytes } from "node:crypto";
import type { NextRequest } from "next/server";
import { NextResponse } from "next/server";
import { getDatabase } from "@/db/index.ts";
import { acquirerOrigins } from "@/lib/connections/acquirer-origins.ts";
import { contentSecurityPolicy, pageHeaders } from "@/lib/kit/security-headers.ts";

const FORM_MAX_BYTES = 100_000;

const isDev = process.env.NODE_ENV !== "production";

/** Security headers of pages. Doors for machines (`/api`, `/bitrix`, `/info`, `/change`) and files do not pass here: they must stay fast. */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const { pathname } = request.nextUrl;
  const isSecret = ["/pay/", "/i/", "/bill/", "/d/"].some((page) => pathname.startsWith(page));
  // Forms may carry files only where staff attach proofs; everywhere else a form is a few fields.
  if (!pathname.startsWith("/admin") && Number(request.headers.get("content-length") ?? 0) > FORM_MAX_BYTES) return new NextResponse(null, { status: 413 });
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy({
    nonce,
    formOrigins: isSecret ? await acquirerOrigins(getDatabase().sql) : [],
    isDev,
    allowStyleAttributes: !isSecret,
  });

  // Next reads the nonce for its own scripts from the request's policy.
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  // Where the sign-in page leads back to.
  headers.set("x-path", `${pathname}${request.nextUrl.search}`);
  headers.set("content-security-policy", policy);
  restoreOrigin(request, headers);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  const isHttps = (process.env["PUBLIC_URL"] ?? "").startsWith("https:");
  for (const [name, value] of Object.entries(pageHeaders({ isSecret, isHttps }))) response.headers.set(name, value);
  return response;
}

/**
 * Pages with a secret address send no referrer, and then a native form says `Origin: null`, which Next takes for a forgery.
 * The browser itself tells that it came from us; a page cannot write that header.
 */
function restoreOrigin(request: NextRequest, headers: Headers): void {
  if (request.method !== "POST" || headers.get("origin") !== "null" || headers.get("sec-fetch-site") !== "same-origin") return;
  headers.set("origin", `${request.nextUrl.protocol}//${headers.get("x-forwarded-host") ?? headers.get("host")}`);
}

export const config = { matcher: ["/((?!api/|bitrix/|info/|change/|_next/|.*\\.[a-z0-9]{2,5}$).*)", "/api/1c/v1/docs"] };

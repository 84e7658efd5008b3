import { createHash, timingSafeEqual } from "node:crypto";
import { findByEntrance, openOrSkip } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";

export type Credentials = { login: string; password: string };

/** The credentials of a Basic header; null when there is none or it is not readable. */
export function readBasic(header: string | null): Credentials | null {
  const encoded = /^Basic\s+([A-Za-z0-9+/=_-]{1,2000})\s*$/i.exec(header ?? "")?.[1];
  if (!encoded) return null;
  const bytes = Buffer.from(encoded, "base64");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Old platforms send a Cyrillic login in the code page of Windows.
    text = new TextDecoder("windows-1251").decode(bytes);
  }
  const colon = text.indexOf(":");
  return colon < 0 ? null : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
const equal = (left: string, right: string) => timingSafeEqual(digest(left), digest(right));

/** The token of a Bearer header; null when there is none. */
const readBearer = (header: string | null): string | null => /^Bearer\s+([\w.~+/=-]{16,512})\s*$/i.exec(header ?? "")?.[1] ?? null;

/** Enabled 1C bases, one installation has few. */
const BASES_MAX = 100;

async function findBases(ctx: Ctx): Promise<OpenConnection[]> {
  const rows = await ctx.database.sql<{ id: string }[]>`select id from connections where kind = 'onec' and enabled order by created_at limit ${BASES_MAX}`;
  return (await Promise.all(rows.map((row) => openOrSkip(ctx, row.id)))).filter((base) => base !== null);
}

/** The 1C base with these credentials. Every base is compared, so that time tells nothing (logins may be Cyrillic). */
export async function findBaseByCredentials(ctx: Ctx, { login, password }: Credentials): Promise<OpenConnection | null> {
  let found: OpenConnection | null = null;
  for (const base of await findBases(ctx)) {
    const expected = base.secret["password"] ?? "";
    const sameLogin = equal(String(base.settings["login"] ?? ""), login);
    const samePassword = equal(expected, password);
    if (sameLogin && samePassword && expected !== "") found ??= base;
  }
  return found;
}

/** The base of an `Authorization` header, Basic or Bearer; null for none and for wrong ones. */
export async function findBaseByHeader(ctx: Ctx, header: string | null): Promise<OpenConnection | null> {
  const token = readBearer(header);
  // JSON clients that know no Basic.
  if (token !== null) return findByEntrance(ctx, "onec", token);
  const credentials = readBasic(header);
  return credentials && findBaseByCredentials(ctx, credentials);
}

import type { Ctx } from "@/lib/context.ts";
import { MISSES_MAX, countMiss, missKeyOf } from "@/lib/orders/pay-throttle.ts";
import { fileResponse, readBuyerFile } from "./read-documents.ts";
import type { BuyerKey } from "./read-documents.ts";

/** 256 random bits as base64url; anything else is no address of ours. */
const TOKEN = /^[A-Za-z0-9_-]{20,64}$/;

/** The download, or one answer for everything that is not his, not there any more, or asked for too often (SEC-11). */
export async function giveBuyerFile(ctx: Ctx, key: BuyerKey, documentId: string | null, ip: string | null): Promise<Response> {
  const token = Object.values(key)[0] as string;
  const file = TOKEN.test(token) && !(await isGuessing(ctx, ip)) ? await readBuyerFile(ctx, key, documentId) : null;
  if (file) return fileResponse(file);
  await countMiss(ctx, ip);
  const text = "letterToken" in key ? "Ссылка на документ больше не открывается. Попросите магазин прислать его ещё раз или откройте страницу заказа." : "Документ не найден: возможно, магазин его отозвал.";
  return new Response(text, { status: 404, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store", "x-content-type-options": "nosniff", "x-robots-tag": "noindex" } });
}

async function isGuessing(ctx: Ctx, ip: string | null): Promise<boolean> {
  const key = missKeyOf(ip);
  if (key === null) return false;
  const [row] = await ctx.database.sql<{ points: number }[]>`select points from throttles where key = ${key} and expire > ${ctx.now()}`;
  return (row?.points ?? 0) > MISSES_MAX;
}

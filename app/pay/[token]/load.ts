import { headers } from "next/headers";
import { notFound } from "next/navigation";
import { cache } from "react";
import type { Ctx } from "@/lib/context.ts";
import { clientAddress } from "@/lib/kit/client-address.ts";
import { isPhone } from "@/lib/kit/user-agent.ts";
import { readPayPage } from "@/lib/orders/pay-page-query.ts";
import type { PayPageKey, PayPageRow } from "@/lib/orders/pay-page-query.ts";
import { countMiss, missKeyOf, MISSES_MAX } from "@/lib/orders/pay-throttle.ts";
import { getContext } from "@/lib/runtime.ts";

/** 256 random bits as base64url; anything else is no link of ours. */
const TOKEN = /^[A-Za-z0-9_-]{20,64}$/;

export type Visitor = { ip: string | null; userAgent: string; isPhone: boolean; isPrefetch: boolean };

export const readVisitor = cache(async (): Promise<Visitor> => {
  const given = await headers();
  const userAgent = (given.get("user-agent") ?? "").slice(0, 400);
  const isPrefetch = /prefetch|prerender/.test(`${given.get("sec-purpose") ?? ""}${given.get("purpose") ?? ""}`) || given.get("next-router-prefetch") !== null;
  return { ip: clientAddress(given), userAgent, isPhone: isPhone(userAgent), isPrefetch };
});

export const buyerContext = cache(async (): Promise<Ctx> => getContext({ kind: "buyer", ip: (await readVisitor()).ip }));

/** The order of a token, or the 404 page: the same whether it never was or was asked for too often (SEC-11). */
export async function loadPayPage(key: PayPageKey): Promise<PayPageRow> {
  const [ctx, { ip }] = [await buyerContext(), await readVisitor()];
  const token = "payToken" in key ? key.payToken : key.invoiceToken;
  const row = TOKEN.test(token) ? await readPayPage(ctx, key, missKeyOf(ip)) : null;
  if (row && row.misses <= MISSES_MAX) return row;
  if (!row) await countMiss(ctx, ip);
  notFound();
}

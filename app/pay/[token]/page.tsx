import type { Metadata } from "next";
import { cookies } from "next/headers";
import { after } from "next/server";
import { cache } from "react";
import { Documents } from "@/components/pay/documents.tsx";
import { Live } from "@/components/pay/live.tsx";
import { OrderSummary } from "@/components/pay/order-summary.tsx";
import { PayContent } from "@/components/pay/pay-content.tsx";
import { announcementOf, isSettled, pageTitle, summaryAmount } from "@/components/pay/page-words.ts";
import { Deadline } from "@/components/pay/deadline.tsx";
import { PayShell } from "@/components/pay/pay-shell.tsx";
import { deviceName, isMachine } from "@/lib/kit/user-agent.ts";
import type { PayPageRow } from "@/lib/orders/pay-page-query.ts";
import { viewPayPage } from "@/lib/orders/pay-view.ts";
import { isLive, markLinkOpened, readOnReturn } from "@/lib/payments/index.ts";
import { returnLink, shopStatus } from "@/lib/shops/index.ts";
import { METHOD_COOKIE } from "./device.ts";
import { buyerContext, loadPayPage, readVisitor } from "./load.ts";

type Props = { params: Promise<{ token: string }>; searchParams: Promise<Record<string, string | string[] | undefined>> };

/** What the address asks for besides the order; every value is a hint, never a fact. */
async function readQuery({ searchParams }: Props) {
  const query = await searchParams;
  const seen = query["seen"];
  return { isBack: query["back"] !== undefined, wantsOther: query["other"] !== undefined, seen: typeof seen === "string" && /^\d{1,18}$/.test(seen) ? seen : "" };
}

/** The row and what it means for this visitor, once per request: the title and the page come from one answer. */
const load = cache(async (token: string, isBack: boolean, wantsOther: boolean, seen: string) => {
  const [visitor, ctx, jar] = [await readVisitor(), await buyerContext(), await cookies()];
  let row = await loadPayPage({ payToken: token });
  // Back from the bank: our own look at the payment decides, never the address (PAY-15).
  if (isBack && row.attempt && isLive(row.attempt.state)) {
    await readOnReturn(ctx, row.attempt.attemptId);
    row = await loadPayPage({ payToken: token });
  }
  const now = ctx.now();
  const lastMethod = jar.get(METHOD_COOKIE)?.value ?? null;
  const view = viewPayPage(row, { now, lastMethod, isPhone: visitor.isPhone, wantsOther, seenKopecks: seen === "" ? null : BigInt(seen) });
  return { row, view, now, ctx };
});

async function loadOf(props: Props) {
  const [{ token }, { isBack, wantsOther, seen }] = [await props.params, await readQuery(props)];
  return { token, ...(await load(token, isBack, wantsOther, seen)) };
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  return { title: { absolute: pageTitle((await loadOf(props)).row) } };
}

export default async function PayPage(props: Props) {
  const { token, row, view, now, ctx } = await loadOf(props);
  await noteOpening(row);
  const path = `/pay/${token}`;
  const backUrl = row.shop && (await returnLink(ctx, row.shop, { orderId: row.order.orderId, number: row.order.number, status: shopStatus(row.order), paidKopecks: view.netPaidKopecks }));
  const settled = isSettled(view.state);
  return (
    <PayShell
      isTest={row.order.isTest}
      summary={
        <OrderSummary row={row} zone={ctx.zone} amount={summaryAmount(view)} dueKopecks={view.dueKopecks} netPaidKopecks={view.netPaidKopecks} isSettled={settled}>
          {view.state.kind === "ready" && row.active ? <Deadline validUntil={row.active.validUntil} now={now} zone={ctx.zone} /> : null}
        </OrderSummary>
      }
    >
      <PayContent token={token} path={path} row={row} view={view} now={now} zone={ctx.zone} backUrl={backUrl} />
      <Documents documents={row.documents} path={path} />
      <Live path={path} stamp={row.stamp} announcement={announcementOf(row, view)} focusId={view.state.kind === "ready" && view.state.declined ? "pay-notice" : null} />
    </PayShell>
  );
}

/** First opening by a person, noted after the answer is sent. */
async function noteOpening({ link }: PayPageRow): Promise<void> {
  const visitor = await readVisitor();
  if (!link || link.firstOpenedAt || visitor.isPrefetch || isMachine(visitor.userAgent)) return;
  const ctx = await buyerContext();
  after(() => markLinkOpened(ctx, link.linkId, deviceName(visitor.userAgent)).catch((error: unknown) => ctx.log.warn({ err: error }, "opening not noted")));
}

import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { NBSP, formatCount } from "@/lib/kit/format.ts";
import { rublesText } from "@/lib/kit/money.ts";
import type { OrderPatch } from "@/lib/orders/intake/order-patch.ts";
import { isPayableLifecycle, orderBalance } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import type { TakenResult } from "@/lib/orders/take-orders.ts";
import { offerLinks } from "@/lib/payments/index.ts";
import { pilotMark } from "@/lib/pilot/states.ts";
import { baseSettings } from "../base-settings.ts";
import { journal } from "./journal.ts";
import type { JournalItem } from "./journal.ts";
import type { Call, Reply } from "./operation.ts";
import { orderPatch } from "./order-patch.ts";
import type { Problem, ProblemCode } from "./problems.ts";
import { readPackage } from "./read-package.ts";
import type { Item } from "./read-package.ts";
import { ORDERS_MAX, OrderRequest } from "./schema-order.ts";
import type { OrderResult, OrdersAnswer } from "./schema-order.ts";
import { readGuid } from "./values.ts";

type Read = Item<OrderRequest> & { taken?: TakenResult; refused?: Problem | null };

/** POST /orders: up to 200 orders, one verdict each in their order (API-14 … API-19). */
export async function takeOrdersCall({ ctx, base, bytes, origin }: Call): Promise<Reply> {
  const started = performance.now();
  const { items, warnings } = readPackage(bytes, "orders", OrderRequest, ORDERS_MAX);
  const reads: Read[] = items.map(withGuid);
  const [seller] = await ctx.database.sql<{ isRateNeeded: boolean }[]>`select g.tax_system = 'osn' as is_rate_needed from stores s join seller_orgs g on g.id = s.seller_org_id where s.id = ${base.storeId}`;
  const rules = seller ?? { isRateNeeded: false };
  const taking: { read: Read; patch: OrderPatch }[] = [];
  for (const read of reads) {
    if (!("value" in read)) continue;
    const patch = orderPatch(readGuid(read.value.id)!, read.value, { format: "json", text: JSON.stringify(read.raw) }, rules, (refused, more) => {
      // A batch that failed is resolved again, one by one: only the last word counts.
      read.refused = refused;
      read.warnings = [...new Set([...read.warnings, ...more])];
    });
    taking.push({ read, patch });
  }
  const results = taking.length === 0 ? [] : await takeOrders(ctx, { ...base, byFile: false, numbersRepeat: baseSettings(base).moneyChannel !== "commerceml" }, taking.map(({ patch }) => patch), { door: "json", ...origin });
  for (const [at, { read }] of taking.entries()) read.taken = results[at]!;
  const after = await readAfter(ctx, results);
  const json: OrdersAnswer = { accepted: 0, rejected: 0, warnings, results: reads.map((read) => resultOf(ctx, read, after)) };
  json.rejected = json.results.filter(({ status }) => status === "rejected").length;
  json.accepted = json.results.length - json.rejected;
  // What could not be read never came to intake, which writes the rows of the rest.
  await journal(ctx, base.id, reads.flatMap((each, at): JournalItem[] => ("problem" in each ? [unread(each, json.results[at]!)] : [])), performance.now() - started, origin);
  const count = (status: OrderResult["status"]) => json.results.filter((result) => result.status === status).length;
  const firstRefusal = json.results.find(({ status }) => status === "rejected");
  const parts = [`новых ${count("created")}`, `изменено ${count("updated")}`, `без изменений ${count("unchanged")}`, ...(firstRefusal ? [`отказано ${json.rejected}: ${firstRefusal.number || firstRefusal.id} ${firstRefusal.msg}`] : [])];
  return { json, summary: `Принято ${formatCount(json.results.length, ["заказ", "заказа", "заказов"])}: ${parts.join(", ")}` };
}

function withGuid(item: Item<OrderRequest>): Read {
  if (!("value" in item)) return item;
  const id = readGuid(item.value.id);
  const isEmpty = id !== null && /^[0-]+$/.test(id);
  return id !== null && !isEmpty ? item : { id: item.id, raw: item.raw, warnings: item.warnings, problem: { code: isEmpty ? "missing_field" : "bad_value", field: "id", msg: isEmpty ? "id: пустая ссылка вместо документа" : "id: нужен GUID документа 1С" } };
}

const unread = ({ raw, problem }: Extract<Read, { problem: Problem }>, { id, number }: OrderResult): JournalItem => ({
  kind: "order", guid: readGuid(id) ?? "", number, orderId: null, summary: `Заказ ${number ? `№${NBSP}${number}` : "без номера"} не принят: ${problem.msg}`, refusal: problem.msg, raw,
});

type After = {
  orderId: string; number: string; version: number; token: string | null; paymentStatus: string; lifecycle: Lifecycle; isPosted: boolean; isPaidInOnec: boolean; payUntil: Date | null; pilotNo: bigint | null;
  totalKopecks: bigint; goodsReturnedKopecks: bigint; capturedKopecks: bigint; reversedKopecks: bigint; refundedKopecks: bigint; chargedBackKopecks: bigint;
};

/** Orders as they stand after the package; a link whose time ran out is made anew, as on the buyer's page. */
async function readAfter(ctx: Ctx, results: readonly TakenResult[]): Promise<Map<string, After>> {
  const ids = [...new Set(results.flatMap(({ orderId, outcome }) => (orderId !== null && outcome !== "refused" ? [orderId] : [])))];
  if (ids.length === 0) return new Map();
  const rows = await read(ctx, ids);
  const linkless = rows.filter((row) => row.token === null && row.isPosted && !row.isPaidInOnec && isPayableLifecycle(row.lifecycle) && orderBalance(row).dueKopecks > 0n && (row.payUntil === null || row.payUntil > ctx.now()));
  if (linkless.length === 0) return new Map(rows.map((row) => [row.orderId, row]));
  await inTransaction(ctx, (tx) => offerLinks(ctx, tx, linkless.map((row) => ({ orderId: row.orderId, isNew: false, revisionNo: 0, payableDueKopecks: 0n, payUntil: row.payUntil, reported: null, namesNoPayment: false, shipped: null }))));
  return new Map((await read(ctx, ids)).map((row) => [row.orderId, row]));
}

const read = (ctx: Ctx, ids: readonly string[]) => ctx.database.sql<After[]>`
  select o.id as order_id, o.number, coalesce(o.onec_version, 0)::float8 as version, l.token, o.payment_status, o.lifecycle, o.is_posted, o.onec_payment_number is not null as is_paid_in_onec, o.pay_until, o.total_kopecks, (select b.no from pilot_batches b where b.id = o.pilot_batch_id) as pilot_no,
         o.goods_returned_kopecks, o.captured_kopecks, o.reversed_kopecks, o.refunded_kopecks, o.charged_back_kopecks
    from orders o left join payment_links l on l.order_id = o.id and l.state = 'active' and l.valid_until > ${ctx.now()} where o.id = any(${ids as string[]}::uuid[])`;

const statuses = { created: "created", revised: "updated", status: "updated", unchanged: "unchanged", skipped: "unchanged", refused: "rejected" } as const;

function resultOf(ctx: Ctx, item: Read, after: ReadonlyMap<string, After>): OrderResult {
  const { taken, warnings } = item;
  const problem = "problem" in item ? item.problem : (item.refused ?? (taken?.outcome === "refused" ? { code: codeOf(taken.reason ?? ""), msg: taken.reason ?? "" } : null));
  const asked = "value" in item ? item.value : null;
  if (problem || !taken) {
    return { id: item.id, siteId: "", number: asked?.number ?? "", status: "rejected", version: asked?.version ?? 0, payUrl: "", paymentStatus: "", paid: "", due: "", pilot: "", code: problem?.code ?? "internal", msg: problem?.msg ?? "", warnings };
  }
  const row = taken.orderId === null ? null : (after.get(taken.orderId) ?? null);
  const balance = row && orderBalance(row);
  const isLost = row && balance && !isPayableLifecycle(row.lifecycle) && balance.netPaidKopecks > 0n;
  return {
    id: item.id, siteId: taken.orderId ?? "", number: row?.number ?? taken.number, status: statuses[taken.outcome], version: row?.version ?? 0, payUrl: row?.token ? `${ctx.publicUrl}/pay/${row.token}` : "",
    paymentStatus: row?.paymentStatus ?? "", paid: balance ? rublesText(balance.netPaidKopecks) : "", due: balance ? rublesText(balance.dueKopecks) : "", pilot: row?.pilotNo ? pilotMark(row.pilotNo) : "", code: "", msg: taken.reason ?? "",
    // API-16: no money goes back by itself.
    warnings: isLost ? [...warnings, `по заказу получено ${rublesText(balance.netPaidKopecks)}: сотрудники решат, вернуть ли деньги`] : warnings,
  };
}

/** Intake says its refusals in words only. */
function codeOf(reason: string): ProblemCode {
  if (reason.startsWith("номер занят")) return "number_taken";
  if (reason.includes("создание заказов")) return "creation_off";
  if (reason.startsWith("внутренняя ошибка")) return "internal";
  if (reason.includes("дважды")) return "duplicate";
  return "refused";
}

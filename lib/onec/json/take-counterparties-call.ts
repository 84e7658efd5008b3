import type { Tx } from "@/db/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatCount } from "@/lib/kit/format.ts";
import { termsOf, upsertBuyers } from "@/lib/orders/intake/counterparties.ts";
import { emptyContacts } from "@/lib/orders/intake/resolve-patches.ts";
import { readShared } from "@/lib/orders/intake/shared-fields.ts";
import type { SharedFields } from "@/lib/orders/intake/shared-fields.ts";
import { readBuyers } from "@/lib/orders/intake/standing-orders.ts";
import { ORDERS_MAX, setBuyerTerms, termsOfText, termsText } from "@/lib/orders/set-terms.ts";
import type { DraftBuyer, DraftTerms } from "../wire/order-draft.ts";
import { journal } from "./journal.ts";
import type { JournalItem } from "./journal.ts";
import type { Call, Reply } from "./operation.ts";
import { mergeBuyer, nobody, sameBuyer } from "./order-buyer.ts";
import { readTerms } from "./order-patch.ts";
import type { Problem } from "./problems.ts";
import { readPackage } from "./read-package.ts";
import { COUNTERPARTIES_MAX, CounterpartyRequest } from "./schema-counterparties.ts";
import type { CounterpartiesAnswer } from "./schema-counterparties.ts";

type Result = CounterpartiesAnswer["results"][number];
type Wanted = { id: string; request: CounterpartyRequest; warnings: string[] };

/** POST /counterparties: buyers with deferral and limit (4.1, 4.3). The last of two with one id counts. */
export async function takeCounterpartiesCall({ ctx, base, bytes, origin }: Call): Promise<Reply> {
  const started = performance.now();
  const { items, warnings } = readPackage(bytes, "counterparties", CounterpartyRequest, COUNTERPARTIES_MAX);
  const wanted = items.flatMap((item): Wanted[] => ("value" in item && item.value.id ? [{ id: item.value.id, request: item.value, warnings: item.warnings }] : []));
  const done = wanted.length === 0 ? new Map<string, Done>() : await inTransaction(ctx, (tx) => takeAll(ctx, tx, base.id, wanted));
  const results = items.map((item): Result => {
    const about = { id: item.id, siteId: "", name: "", ordersMoved: 0, warnings: item.warnings, code: "", msg: "" };
    const refuse = ({ code, msg }: Pick<Problem, "code" | "msg">): Result => ({ ...about, status: "rejected", code, msg });
    if ("problem" in item) return refuse(item.problem);
    if (!item.value.id) return refuse({ code: "missing_field", msg: "id: нет GUID контрагента" });
    return { ...about, ...done.get(item.value.id)! };
  });
  const news = results.flatMap(({ id, status, msg, ordersMoved }, at): JournalItem[] => {
    if (status === "unchanged") return [];
    const moved = ordersMoved > 0 ? `, срок оплаты изменился у ${formatCount(ordersMoved, ["заказа", "заказов", "заказов"])}` : "";
    const summary = status === "rejected" ? `Контрагент не принят: ${msg}` : `${status === "created" ? "Новый контрагент из 1С" : "1С изменила контрагента"}${moved}`;
    return [{ kind: "counterparty", guid: id, number: "", orderId: null, summary, refusal: status === "rejected" ? msg : null, raw: items[at]!.raw }];
  });
  await journal(ctx, base.id, news, performance.now() - started, origin);
  const rejected = results.filter(({ status }) => status === "rejected").length;
  const json: CounterpartiesAnswer = { accepted: results.length - rejected, rejected, warnings, results };
  return { json, summary: `Принято ${formatCount(results.length, ["контрагент", "контрагента", "контрагентов"])}, отказано ${rejected}` };
}

type Done = Pick<Result, "siteId" | "name" | "status" | "ordersMoved">;
type Row = { id: string; onecGuid: string; deferralDays: number | null; deferralDayKind: DraftTerms["dayKind"] | null; deferralBase: DraftTerms["base"] | null; creditLimitKopecks: bigint | null };

async function takeAll(ctx: Ctx, tx: Tx, connectionId: string, wanted: readonly Wanted[]): Promise<Map<string, Done>> {
  const refs = [...new Set(wanted.map(({ id }) => id))];
  // As intake does: one at a time per base, orders before buyers.
  await tx`select pg_advisory_xact_lock(hashtextextended(${`intake:${connectionId}`}, 0))`;
  const withTerms = wanted.filter(({ request }) => request.deferral !== undefined).map(({ id }) => id);
  await tx`select 1 from orders o join counterparties c on c.id = o.counterparty_id where c.onec_connection_id = ${connectionId} and c.onec_guid = any(${withTerms}) order by o.id limit ${ORDERS_MAX} for no key update of o`;
  const before = await readBuyers(tx, connectionId, refs);
  const after = new Map<string, DraftBuyer>();
  for (const { id, request, warnings } of wanted) {
    const known = after.get(id) ?? before.get(id) ?? { ...nobody, ref: id };
    after.set(id, mergeBuyer(known, id, request, "counterparty", warnings));
  }
  await emptyContacts(tx, connectionId, after.values(), before);
  const shared = await readShared(tx, connectionId, { orderIds: [], buyerKeys: refs });
  await upsertBuyers(ctx, tx, connectionId, after.values(), shared);
  const rows = await tx<Row[]>`
    select id, onec_guid, deferral_days, deferral_day_kind, deferral_base, credit_limit_kopecks from counterparties where onec_connection_id = ${connectionId} and onec_guid = any(${refs}) order by id for no key update`;
  const byRef = new Map(rows.map((row) => [row.onecGuid, row]));
  const done = new Map<string, Done>();
  for (const { id, request } of wanted) {
    const row = byRef.get(id)!;
    const { hasChanged, ordersMoved } = await setTerms(ctx, tx, row, request, shared);
    const isNew = !before.has(id);
    const isOther = !sameBuyer(after.get(id)!, before.get(id) ?? nobody);
    done.set(id, { siteId: row.id, name: after.get(id)!.name, status: isNew ? "created" : isOther || hasChanged ? "updated" : "unchanged", ordersMoved });
  }
  await shared.write(ctx, tx, connectionId);
  return done;
}

async function setTerms(ctx: Ctx, tx: Tx, row: Row, request: CounterpartyRequest, shared: SharedFields): Promise<{ hasChanged: boolean; ordersMoved: number }> {
  const { deferral, creditLimit } = request;
  let hasChanged = false;
  let ordersMoved = 0;
  if (deferral !== undefined) {
    const given = readTerms(deferral);
    const present = termsText(termsOf(row));
    const kept = shared.merge({ objectType: "counterparty", objectId: row.id, orderId: null, counterpartyId: row.id }, "terms", { present, theirs: termsText(given) }) ?? "0";
    const terms = termsOfText(kept);
    if (kept !== present) {
      hasChanged = true;
      ordersMoved = await setBuyerTerms(ctx, tx, row.id, terms);
    }
  }
  if (creditLimit !== undefined && creditLimit !== row.creditLimitKopecks) {
    hasChanged = true;
    await tx`update counterparties set credit_limit_kopecks = ${creditLimit}, updated_at = ${ctx.now()} where id = ${row.id}`;
  }
  return { hasChanged, ordersMoved };
}

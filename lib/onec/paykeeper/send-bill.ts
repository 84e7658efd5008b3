import type { Tx } from "@/db/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { letterWrite } from "@/lib/letters/index.ts";
import { readBills } from "./bill-rows.ts";
import type { BillRow } from "./bill-rows.ts";

/** API-10: a program that repeats after a time-out must not write twice. */
const REPEAT_MS = MINUTE_MS;

export const UNKNOWN_BILL = "Счёт не найден.";

/** A bill of this base, its row held after its order's, as `preview` takes them. Null for a number that it does not have. */
export async function lockBill(ctx: Ctx, tx: Tx, base: OpenConnection, number: string): Promise<BillRow | null> {
  if (!/^\d{1,18}$/.test(number)) return null;
  const [held] = await tx<{ id: string; orderId: string }[]>`select id, order_id from bills where number = ${number}::bigint and connection_id = ${base.id}`;
  if (!held) return null;
  await tx`select 1 from orders where id = ${held.orderId} for no key update`;
  await tx`select 1 from bills where id = ${held.id} for update`;
  const [bill] = await readBills(tx, ctx.now(), tx`b.id = ${held.id}`);
  return bill ?? null;
}

export const orderName = ({ orderRef, number }: Pick<BillRow, "orderRef" | "number">): string => (orderRef === "" ? `Счёт ${number}` : `Заказ ${orderRef}`);

/** Why a bill can no longer be asked for; null = it can. */
export function endedBecause(bill: BillRow): string | null {
  switch (bill.status) {
    case "paid":
      return `${orderName(bill)} уже оплачен`;
    case "expired":
      return "Срок действия счёта уже истёк";
    case "revoked":
      return "Счёт отозван";
    default:
      return null;
  }
}

/** `send`: a letter with the bill is owed to the buyer. Null, or a Russian line why not. */
export async function sendBill(ctx: Ctx, base: OpenConnection, number: string): Promise<{ bill: BillRow; problem: string | null } | null> {
  return inTransaction(ctx, async (tx) => {
    const bill = await lockBill(ctx, tx, base, number);
    if (!bill) return null;
    const ended = endedBecause(bill);
    if (ended) return { bill, problem: ended };
    const now = ctx.now();
    if (bill.sentAt && bill.sentAt > addMs(now, -REPEAT_MS) && bill.sentTo === bill.email) return { bill, problem: null };
    const [mail] = await tx`select 1 from connections where kind = 'mail' and enabled and environment = ${base.environment} limit 1`;
    if (!mail) return { bill, problem: "На сайте не подключена почта: отправьте клиенту ссылку на оплату из 1С сами" };
    const dedupeKey = `bill:${bill.billId}:${bill.sendCount + 1}`;
    await letterWrite(ctx, tx, { orderId: bill.orderId, template: "bill", recipient: bill.email, params: { billId: bill.billId }, dedupeKey });
    const letters = await tx<{ id: string }[]>`select id from letters where dedupe_key = ${dedupeKey}`;
    for (const { id } of letters) await ctx.enqueue(tx, "letter.send", { letterId: id });
    await tx`update bills set send_count = send_count + 1, sent_at = ${now}, sent_to = email, updated_at = ${now} where id = ${bill.billId}`;
    return { bill, problem: null };
  });
}

import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DAY_MS, HOUR_MS, addMs, instantOfLocal, localDate, localText } from "@/lib/kit/time.ts";
import { bookTransfer } from "@/lib/payments/book-transfer.ts";
import { changeTerms } from "@/lib/orders/change-terms.ts";
import { issueInvoice, renderInvoice } from "@/lib/invoices/index.ts";
import { companies, delivery, goods, people, workshopGoods } from "./catalog.ts";
import type { DemoConnections } from "./connections.ts";
import type { DemoOrder } from "./order-xml.ts";
import { seedMoneyBack } from "./money-back.ts";
import type { DemoParties } from "./parties.ts";
import { at, attempt, exported, find, receipt, upload } from "./story.ts";
import type { OnecBase } from "./story.ts";

/** A small fixed generator: the same demo on every machine, whatever the day. */
function createDice(seed: number) {
  let state = seed;
  return (sides: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % sides;
  };
}

const guid = (group: string, n: number) => `${group}-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** A month of orders and payments in every state, made by the real verbs on a moved clock (README decision 12). Returns the orders. */
export async function seedHistory(ctx: Ctx, parties: DemoParties, connections: DemoConnections): Promise<DemoOrder[]> {
  const base: OnecBase = { id: connections.onecId, storeId: parties.onlineStoreId, environment: "test" };
  const today = ctx.now();
  const roll = createDice(2_026);
  let next = 10_201;
  const made: DemoOrder[] = [];

  const make = (moment: Date, buyer: DemoOrder["buyer"], lines: DemoOrder["lines"], extra: Partial<DemoOrder> = {}): DemoOrder => {
    const n = next++;
    const order: DemoOrder = { number: String(n), onecNumber: `УТ00-00${String(n).slice(1)}`, guid: guid("c0ffee00", n), at: localText(moment, ctx.zone), buyer, lines, ...extra };
    made.push(order);
    return order;
  };
  const person = (): DemoOrder["buyer"] => {
    const n = roll(people.length);
    return { person: people[n]!, guid: guid("5a1f0c70", n) };
  };
  const basket = (): DemoOrder["lines"] => {
    const count = 1 + roll(3);
    const lines = Array.from({ length: count }, (_, i) => ({ item: goods[(roll(goods.length) + i * 5) % goods.length]!, quantity: 1 + (roll(4) === 0 ? 1 : 0) }));
    return roll(2) === 0 ? [...lines, { item: delivery, quantity: 1 }] : lines;
  };
  const contact = () => `pokupatel${1 + roll(80)}@mail.example`;
  /** That hour of that day, another minute at each call; what is not over yet today becomes half an hour to an hour and a half ago, maybe yesterday. */
  const ago = (days: number, hour: number): Date => {
    const wanted = instantOfLocal(`${localDate(addMs(today, -days * DAY_MS), ctx.zone)}T${String(hour).padStart(2, "0")}:${String(roll(60)).padStart(2, "0")}:${String(roll(60)).padStart(2, "0")}`, ctx.zone)!;
    return wanted.getTime() > today.getTime() - HOUR_MS / 2 ? addMs(today, -HOUR_MS / 2 - roll(5) * HOUR_MS / 4) : wanted;
  };

  async function place(order: DemoOrder, moment: Date): Promise<void> {
    await upload(at(ctx, moment), base, [order]);
  }
  async function paid(order: DemoOrder, placedAt: Date, then: { receipt?: "registered" | "rejected" | "busy"; onec?: "booked" | "taken" | "waits" } = {}): Promise<string> {
    await place(order, placedAt);
    const moment = at(ctx, addMs(placedAt, (3 + roll(18)) * 60_000));
    if (roll(9) === 0) await attempt(moment, order.number, { method: "card", contact: contact(), says: "declined" });
    const paying = at(ctx, addMs(moment.now(), 90_000));
    const orderId = await attempt(paying, order.number, { method: roll(5) < 3 ? "sbp" : "card", contact: contact(), says: "paid" });
    await receipt(paying, orderId, then.receipt ?? "registered");
    const onec = then.onec ?? "booked";
    if (onec !== "waits") await exported(paying, orderId, onec === "booked" ? `0000-000${order.number.slice(1)}` : null);
    return orderId;
  }

  for (let day = 29; day >= 1; day--) {
    const orders = day % 7 < 2 ? 1 : 1 + roll(2);
    for (let i = 0; i < orders; i++) {
      const moment = ago(day, 10 + roll(9));
      await paid(make(moment, person(), basket()), moment);
    }
  }
  // Today, as a manager finds it: money in, one receipt stuck, one rejected, people in the middle of paying.
  for (let i = 0; i < 5; i++) {
    const moment = ago(0, 9 + i);
    await paid(make(moment, person(), basket()), moment, { onec: i < 3 ? "booked" : i === 3 ? "taken" : "waits" });
  }
  const rejected = ago(0, 11);
  await paid(make(rejected, person(), basket()), rejected, { receipt: "rejected" });
  const busy = ago(0, 12);
  await paid(make(busy, person(), basket()), busy, { receipt: "busy" });
  for (let i = 0; i < 4; i++) {
    const moment = ago(i === 3 ? 1 : 0, 12 + i);
    await place(make(moment, person(), basket()), moment);
  }
  const declinedAt = addMs(today, -70 * 60_000);
  const declined = make(declinedAt, person(), basket());
  await place(declined, declinedAt);
  await attempt(at(ctx, addMs(today, -50 * 60_000)), declined.number, { method: "card", contact: contact(), says: "declined" });
  // Paid, then cancelled in 1C: the money is there and a person must decide (LOST-05).
  const cancelled = make(ago(2, 15), person(), basket());
  await paid(cancelled, ago(2, 15));
  await upload(at(ctx, ago(1, 12)), base, [{ ...cancelled, isCancelled: true }]);
  const deleted = make(ago(3, 12), person(), basket());
  await place(deleted, ago(3, 12));
  await upload(at(ctx, ago(2, 12)), base, [{ ...deleted, isDeleted: true }]);
  // The bank has not answered yet: asked about, never repeated (LOST-19).
  const unknown = make(addMs(today, -25 * 60_000), person(), basket());
  await place(unknown, addMs(today, -25 * 60_000));
  await attempt(at(ctx, addMs(today, -20 * 60_000)), unknown.number, { method: "card", contact: contact(), says: "silence" });
  const bought = async (days: number) => paid(make(ago(days, 12), person(), basket()), ago(days, 12));
  await seedMoneyBack(ctx, connections.acquirerId, { returned: await bought(8), toApprove: await bought(5), toPayOut: await bought(4), disputed: await bought(11) });
  await seedCompanies(ctx, base, make, ago);
  await seedWorkshop(ctx, { id: connections.workshopOnecId, storeId: parties.craftStoreId, environment: "test" }, make, ago);
  await ctx.database.sql`update connections set last_seen_at = ${today} where id = ${connections.onecId}`;
  return made;
}

type Make = (moment: Date, buyer: DemoOrder["buyer"], lines: DemoOrder["lines"], extra?: Partial<DemoOrder>) => DemoOrder;

/** Companies: a transfer that came, one in parts, terms not due, due today and overdue. */
async function seedCompanies(ctx: Ctx, base: OnecBase, make: Make, ago: (days: number, hour: number) => Date): Promise<void> {
  const [vector, master, pier] = companies;
  if (!vector || !master || !pier) return;
  const big = (quantity: number): DemoOrder["lines"] => [{ item: goods[7]!, quantity }, { item: goods[10]!, quantity: quantity * 2 }, { item: delivery, quantity: 1 }];
  const orders = [
    { order: make(ago(26, 11), { company: pier }, big(3)), days: 26 },
    { order: make(ago(18, 12), { company: master }, big(5)), days: 18 },
    { order: make(ago(12, 10), { company: vector }, big(8)), days: 12 },
    { order: make(ago(5, 16), { company: vector }, big(2)), days: 5 },
    { order: make(ago(1, 11), { company: pier }, big(1)), days: 1 },
  ];
  for (const { order, days } of orders) {
    await upload(at(ctx, ago(days, 11)), base, [order]);
    if ("company" in order.buyer && order.buyer.company.deferralDays !== null) await setTerms(ctx, order.buyer.company.inn, order.buyer.company.deferralDays);
  }
  // 1C sends the orders again when the goods are gone.
  for (const { order, days } of orders.slice(1, 4)) await upload(at(ctx, ago(days - 1, 12)), base, [{ ...order, shipment: { number: `УТ00-0005${days}`, at: localText(ago(days, 17), ctx.zone) } }]);
  for (const { order, days } of orders) {
    const { orderId } = await find(ctx, order.number);
    const moment = at(ctx, ago(days, 13));
    const { invoiceId } = await issueInvoice(moment, { orderId });
    await renderInvoice(moment, invoiceId);
  }
  // Half of the last order came; the accountant entered it from the bank statement.
  const last = await find(ctx, orders[4]!.order.number);
  const half = ago(0, 10);
  await bookTransfer(at(ctx, half), { orderId: last.orderId, amountKopecks: last.dueKopecks / 2n, documentNumber: "1184", documentDate: localDate(half, ctx.zone) });
  const first = orders[0]!.order;
  await upload(at(ctx, ago(23, 14)), base, [{ ...first, payment: { number: "УТ00-000417", at: localText(ago(23, 10), ctx.zone) } }]);
  // The same company paid once more by the old invoice: its newer order still owes (LOST-09).
  const overpaid = await find(ctx, first.number);
  const again = ago(0, 9);
  await bookTransfer(at(ctx, again), { orderId: overpaid.orderId, amountKopecks: 1_500_000n, documentNumber: "1207", documentDate: localDate(again, ctx.zone) });
}

/** The second organization works without VAT (УСН) and is paid by transfer. */
async function seedWorkshop(ctx: Ctx, base: OnecBase, make: Make, ago: (days: number, hour: number) => Date): Promise<void> {
  const pier = companies[2]!;
  const withoutVat = (quantity: number): DemoOrder["lines"] => workshopGoods.map((item) => ({ item, quantity }));
  const [done, open] = [make(ago(9, 12), { company: pier }, withoutVat(2)), make(ago(2, 12), { company: pier }, withoutVat(1))];
  await upload(at(ctx, ago(9, 12)), base, [done]);
  await upload(at(ctx, ago(2, 12)), base, [open]);
  await upload(at(ctx, ago(7, 12)), base, [{ ...done, payment: { number: "МС00-000031", at: localText(ago(7, 10), ctx.zone) } }]);
}

/** The director's decision, by the same verb that the page uses. */
async function setTerms(ctx: Ctx, inn: string, days: number): Promise<void> {
  const [director] = await ctx.database.sql<{ id: string }[]>`select id from staff_users where role = 'director' limit 1`;
  const [company] = await ctx.database.sql<{ id: string }[]>`select id from counterparties where inn = ${inn}`;
  if (!director || !company) throw new Error("the demo has no director or no such company");
  await changeTerms(actingAs(ctx, { kind: "staff", userId: director.id, role: "director", storeId: null, ip: null }), { counterpartyId: company.id, terms: { days, dayKind: "calendar", base: "order_date" } });
}

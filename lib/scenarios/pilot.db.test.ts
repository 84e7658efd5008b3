/** A store on its way into battle and back: shadow, pilot, kill switch, live, rollback; bank, register and 1C are the sandbox (PIL-01 … PIL-07). */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closeAlert } from "@/lib/alerts/index.ts";
import { checkInvariants } from "@/lib/invariants/index.ts";
import { DAY_MS, addDays, addMs, localDate } from "@/lib/kit/time.ts";
import { reopenDay } from "@/lib/reconciliation/index.ts";
import { openAttempt } from "@/lib/payments/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import { changeStoreMode, makeBatch, readExitRule, resumePayments, stopPayments } from "@/lib/pilot/index.ts";
import type { StoreMode } from "@/lib/pilot/index.ts";
import { readBoard, listPilotOrders } from "@/lib/pilot/index.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { listDryRuns, readShadow } from "@/lib/rehearsal/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { aCompany, aDraft, aPerson, changed, upload } from "@/lib/testing/drafts.ts";
import { drainJobs } from "@/lib/testing/drain-jobs.ts";
import { moneyOf, openMoneyWorld } from "@/lib/testing/money-world.ts";
import type { MoneyWorld } from "@/lib/testing/money-world.ts";
import { onecClient } from "@/lib/testing/onec-client.ts";
import { linesE, shippedAs, uploadedOrder } from "@/lib/testing/order-e.ts";
import { setSetting } from "@/lib/testing/settings.ts";
import { live, paid, printedOf, refunded } from "@/lib/testing/shop-day.ts";

let t: MoneyWorld;
let director: MadeStaff;
beforeAll(async () => {
  t = await openMoneyWorld();
  director = await aStaff(t);
});
afterAll(() => t.close());
afterEach(() => t.disarmFaults());

const viewer = viewerOf({ role: "director", storeId: null });
const of = () => ({ storeId: t.shop.storeId, isTest: true });
const move = (to: StoreMode) => changeStoreMode(director.ctx, { ...of(), to, reason: "по плану пилота" });
const sql = () => t.ctx.database.sql;
const broken = async () => (await checkInvariants(t.ctx)).filter((each) => each.count > 0).map((each) => `${each.no}: ${each.examples.join("; ")}`);
/** What 1C is given when it asks. */
async function asked(): Promise<string> {
  const onec = onecClient(t, "1c");
  const session = await onec.open();
  return (await onec.call("type=sale&mode=query", { session })).body;
}
async function placed(given: Parameters<typeof aDraft>[0] = {}) {
  const draft = aDraft({ lines: linesE(), buyer: aPerson({ email: "pilot@example.ru" }), ...given });
  const [taken] = await upload(t, t.shop, draft);
  return { draft, orderId: taken!.orderId! };
}
const quiet = async (orderId: string) => {
  const [row] = await sql()`select (select count(*)::int from payment_links where order_id = ${orderId}) as links, (select count(*)::int from receipts where order_id = ${orderId} and state <> 'not_required') as receipts,
    (select count(*)::int from export_messages where order_id = ${orderId}) as exports, (select count(*)::int from letters where order_id = ${orderId}) as letters, (select count(*)::int from feed_events where order_id = ${orderId}) as events`;
  expect(row).toEqual({ links: 0, receipts: 0, exports: 0, letters: 0, events: 0 });
};

test("PIL-01: a shadow store computes and compares, and nothing goes out; what would have gone is kept", async () => {
  await move("shadow");
  const person = await placed();
  const company = await placed({ buyer: aCompany({ email: "buh@vector.example" }) });
  const bare = await placed({ buyer: aPerson() });
  for (const { draft } of [person, company]) await upload(t, t.shop, changed(draft, { state: { paid: { number: `П-${draft.number}`, dateLocal: "2026-11-20T12:00:00" }, ...shippedAs(`Р-${draft.number}`) } }));
  await live(t, 20);
  for (const { orderId } of [person, company, bare]) await quiet(orderId);
  expect(await asked()).not.toContain("<Документ>");
  expect((await moneyOf(t, company.orderId)).status).toBe("paid");

  const runs = await listDryRuns(t.ctx, person.orderId);
  expect(runs.map((run) => [run.kind, run.purpose, run.amountKopecks, run.problem])).toEqual([["receipt", "prepayment", 663_100n, null], ["export", null, 663_100n, null], ["receipt", "closing", 663_100n, null]]);
  // The hand-over offsets what the rehearsed prepayment took, as the real one would.
  expect(runs[0]!.lines.map((line) => [line.name, line.sumKopecks, line.method])).toEqual([["Чайник", "499000", 1], ["Книга", "129100", 1], ["Доставка", "35000", 1]]);
  expect(runs[2]!.lines.every((line) => line.method === 4)).toBe(true);
  expect((await listDryRuns(t.ctx, company.orderId)).filter((run) => run.kind === "receipt").map((run) => run.problem)).toEqual(["Безналичный расчёт между организациями: чек не нужен", "Безналичный расчёт между организациями: чек не нужен"]);
  const { rows, counts } = await readShadow(t.ctx, viewer, of());
  expect(new Map(rows.map((row) => [row.orderId, row.verdict]))).toEqual(new Map([[person.orderId, "apart"], [company.orderId, "agrees"], [bare.orderId, "agrees"]]));
  expect(counts).toEqual({ orders: 3n, agrees: 2n, differs: 0n, apart: 1n, problems: 0n });

  await drainJobs(t);
  await upload(t, t.shop, changed(person.draft, { comment: "ещё раз", state: { paid: { number: `П-${person.draft.number}`, dateLocal: null }, ...shippedAs(`Р-${person.draft.number}`) } }));
  await drainJobs(t);
  expect(await listDryRuns(t.ctx, person.orderId)).toHaveLength(3);
  expect(await broken()).toEqual([]);
});

/** Taken while nobody but the pilot could pay. */
let outsideId: string;

test("PIL-02, PIL-05, PIL-06: the pilot takes real steps for chosen orders only; a stop lets money on its way arrive; the exit rule opens the way to live", async () => {
  await move("pilot");
  for (const [key, value] of [["pilot.exitOrders", 3], ["pilot.exitPerMethod", 1], ["pilot.exitRefunds", 1], ["pilot.exitClosedDays", 1]] as const) await setSetting(t, key, value);
  const { no } = await makeBatch(director.ctx, { ...of(), kind: "rule", payerKind: "individual", maxOrders: 4, endsOn: localDate(addMs(t.ctx.now(), 14 * DAY_MS), t.ctx.zone) });
  const outside = await placed({ buyer: aCompany() });
  const first = await placed();
  await paid(t, await uploadedOrder(t, first.draft.number));
  await live(t, 20);
  await quiet(outside.orderId);
  expect(await moneyOf(t, first.orderId)).toMatchObject({ status: "paid", receipts: [{ state: "registered" }], exports: [{ state: "pending", amountKopecks: 663_100n }] });
  // 1C sees which orders are the pilot's, and none of the others.
  const given = await asked();
  expect(given).toContain(`Пилот Копейки № ${no}`);
  expect(given).toContain(`<Номер>${first.draft.number}</Номер>`);
  expect(given).not.toContain(`<Номер>${outside.draft.number}</Номер>`);

  // The switch falls while a buyer is at the bank: his money is recorded, receipted and told.
  const caught = await placed();
  const order = await uploadedOrder(t, caught.draft.number);
  const { attemptId } = await t.pay(order, "sbp");
  const { stopId } = await stopPayments(director.ctx, { storeId: t.shop.storeId, reason: "проверяем банк" });
  await t.sandbox.control(`pay/${await t.bankId(attemptId)}`, { outcome: "success" });
  await live(t, 30);
  expect(await moneyOf(t, caught.orderId)).toMatchObject({ status: "paid", receipts: [{ state: "registered" }], exports: [{ amountKopecks: 663_100n }] });
  await resumePayments(director.ctx, { stopId, reason: "банк исправен" });

  // The drill: the register is busy once, and the receipt is brought to an end by itself.
  await t.sandbox.control("fault", { target: "orange", fault: "503_retry_after", times: 1 });
  const drilled = await placed();
  await paid(t, await uploadedOrder(t, drilled.draft.number));
  await live(t, 120, 20);
  await refunded(t, drilled.orderId, null, { amountKopecks: 64_550n, reason: "price_concession" });
  await live(t, 40, 10);
  const rule = async () => (await readExitRule(t.ctx, sql(), of())).filter((each) => !each.holds).map((each) => each.code);
  // A refund is unusual in so small a business: a person looks at it, and closes the news.
  expect(await rule()).toEqual(["days", "problems"]);
  const [news] = await sql()<{ id: string }[]>`select id from alerts where code = 'ALR-23' and state <> 'resolved'`;
  await closeAlert(director.ctx, { alertId: news!.id, reason: "учебный возврат пилота" });
  expect(await rule()).toEqual(["days"]);
  await expect(move("live")).rejects.toMatchObject({ code: "conflict", details: { unmet: "days" } });
  const closed = addDays(localDate(t.ctx.now(), t.ctx.zone), 1);
  await sql()`insert into closed_days (id, day, is_test, figures, closed_by, closed_at) values (${newId()}, ${closed}, true, '{}', 'staff:x', ${t.ctx.now()})`;
  expect(await rule()).toEqual([]);
  const board = await readBoard(t.ctx, of());
  expect(board).toMatchObject({ taken: 3n, paid: 3n, receiptsDue: 4n, receiptsInTime: 4n, messages: 4n, confirmed: 0n, discrepancies: 0n });
  expect((await listPilotOrders(t.ctx, viewer, of(), null)).rows.map((row) => row.number)).toEqual([drilled, caught, first].map((each) => each.draft.number));
  await move("live");
  const [change] = await sql()`select evidence from store_mode_changes where to_mode = 'live' order by no desc limit 1`;
  expect(change).toMatchObject({ evidence: { orders: { figure: "3\u00A0заказа" } } });
  outsideId = outside.orderId;
  // A day without figures stands for a closed one; the books are checked below.
  await reopenDay(director.ctx, { day: closed, isTest: true, reason: "проверка условия" });
}, 60_000);

test("PIL-07: live opens every order; the way back to the pilot keeps what was paid, finishes it, and asks nobody else for money", async () => {
  await drainJobs(t, { mayFail: true });
  // The order that stood outside may be paid as well.
  expect(await sql()`select 1 from payment_links where order_id = ${outsideId} and state = 'active'`).toHaveLength(1);
  const [inLive, unpaid, onItsWay] = [await placed(), await placed(), await placed()];
  await paid(t, await uploadedOrder(t, inLive.draft.number));
  const going = await uploadedOrder(t, onItsWay.draft.number);
  const { attemptId: late } = await t.pay(going, "card");
  await move("pilot");
  await expect(openAttempt(t.ctx, { linkId: newId(), orderId: unpaid.orderId, method: "card", contact: "a@b.ru", amountSeenKopecks: 663_100n, formKey: newId(), returnUrl: "https://pay.test/x" })).rejects.toMatchObject({ message: "Оплата пока недоступна" });
  await t.sandbox.control(`pay/${await t.bankId(late)}`, { outcome: "success" });
  await upload(t, t.shop, changed(inLive.draft, { state: shippedAs("Р-77") }));
  await live(t, 40, 10);
  await refunded(t, inLive.orderId, null, { amountKopecks: 35_000n, reason: "price_concession" });
  await live(t, 40, 10);
  expect((await moneyOf(t, onItsWay.orderId)).receipts).toMatchObject([{ state: "registered" }]);
  const printed = await printedOf(t, inLive.orderId);
  // Prepayment, hand-over, and the two documents of a concession after it (FISC-36).
  expect(printed.map((each) => each.type)).toEqual([1, 1, 2, 1]);
  expect((await moneyOf(t, inLive.orderId)).exports).toHaveLength(2);
  const backAgain = await asked();
  for (const each of [inLive, onItsWay]) expect(backAgain).toContain(`<Номер>${each.draft.number}</Номер>`);
  expect(backAgain).not.toContain(`<Номер>${unpaid.draft.number}</Номер>`);
  expect(await broken()).toEqual([]);
}, 60_000);

import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { HOUR_MS, addDays, addMs, localDate, localText } from "@/lib/kit/time.ts";
import { mulDivRoundHalfUp, rublesText } from "@/lib/kit/money.ts";
import { dueDate, workingCalendar } from "@/lib/orders/due-date.ts";
import type { CalendarDay } from "@/lib/orders/due-date.ts";
import { closeDay, listReconciliationDays, reconcile, uploadBankStatement, uploadRegistry } from "@/lib/reconciliation/index.ts";
import { at } from "./story.ts";

type Operation = { paymentId: string; operationId: string | null; kind: "payment_captured" | "refund_succeeded" | "chargeback"; method: string; kopecks: bigint; day: string; at: Date; instrument: string | null };

/** Days whose payouts the bank names; older lines come without, as reconciliation looks two weeks back. */
const PAYOUT_DAYS = 13;
/** The bank's sum of one payment of that day is another. */
const WRONG_DAY = 6;
const WRONG_BY = 10_000n;
/** Hundredths of a percent. */
const fees: Record<string, bigint> = { card: 210n, sbp: 40n };
const words = { payment_captured: "Оплата", refund_succeeded: "Возврат", chargeback: "Опротестование" } as const;
const russian = (day: string): string => day.split("-").toReversed().join(".");
const payoutIdOf = (day: string): string => `PK-${day.replaceAll("-", "").slice(2)}`;

/**
 * A month as the accountant leaves it in the evening: the bank's registry with fees uploaded, the statement that pays its payouts out,
 * one payment on which the bank names another sum, two transfers whose owner nobody knows, one day closed. All by the verbs of the pages.
 */
export async function seedReconciliation(ctx: Ctx, acquirerId: string): Promise<void> {
  const { sql } = ctx.database;
  const today = localDate(ctx.now(), ctx.zone);
  const [person] = await sql<{ id: string }[]>`select id from staff_users where role = 'accountant' limit 1`;
  const [account] = await sql<{ account: string }[]>`select b.account from bank_accounts b join connections c on c.seller_org_id = b.seller_org_id where c.id = ${acquirerId} and b.is_default limit 1`;
  if (!person || !account) throw new Error("the demo has no accountant or no bank account");
  const accountant = at(actingAs(ctx, { kind: "staff", userId: person.id, role: "accountant", storeId: null, ip: null }), addMs(ctx.now(), -2 * HOUR_MS));
  const calendar = workingCalendar(await sql<CalendarDay[]>`select day::text, is_working from calendar_days`);
  const operations = await sql<Operation[]>`
    select f.provider_payment_id as payment_id, f.provider_operation_id as operation_id, f.kind, f.method, f.amount_kopecks as kopecks, f.business_date::text as day, f.occurred_at as at, a.instrument
      from money_facts f left join payment_attempts a on a.id = f.attempt_id
     where f.connection_id = ${acquirerId} and f.provider_payment_id is not null and f.kind in ('payment_captured', 'refund_succeeded', 'chargeback') and f.business_date < ${today} order by f.occurred_at`;
  const lines = linesOf(ctx, operations, today, (day) => dueDate(day, { days: 1, dayKind: "working" }, calendar));
  await uploadRegistry(accountant, { connectionId: acquirerId, fileName: `paykeeper-${today}.csv`, bytes: registryFile(lines) });
  await uploadBankStatement(accountant, { fileName: "kl_to_1c.txt", bytes: statementFile(account.account, creditsOf(lines, today), await strangersOf(ctx, acquirerId, today)), isTest: true });
  await reconcile(at(ctx, ctx.now()), "full");
  const days = await listReconciliationDays(ctx, { from: addDays(today, -PAYOUT_DAYS), to: addDays(today, -WRONG_DAY), isTest: true });
  const settled = days.find((day) => day.state === "balanced");
  if (settled) await closeDay(accountant, { day: settled.day, isTest: true });
}

type Line = Operation & { time: string; feeKopecks: bigint; payoutId: string | null; payoutDay: string | null };

function linesOf(ctx: Ctx, operations: readonly Operation[], today: string, nextWorking: (day: string) => string): Line[] {
  const wrong = operations.find((each) => each.day === addDays(today, -WRONG_DAY) && each.kind === "payment_captured");
  return operations.map((each) => {
    const kopecks = each === wrong ? each.kopecks - WRONG_BY : each.kopecks;
    const isPaidOut = each.day >= addDays(today, -PAYOUT_DAYS);
    return {
      ...each, kopecks, time: localText(each.at, ctx.zone).slice(11), feeKopecks: each.kind === "payment_captured" ? mulDivRoundHalfUp(kopecks, fees[each.method] ?? 210n, 10_000n) : 0n,
      payoutId: isPaidOut ? payoutIdOf(each.day) : null, payoutDay: isPaidOut ? nextWorking(each.day) : null,
    };
  });
}

function registryFile(lines: readonly Line[]): Buffer {
  const rows = lines.map((line) =>
    [line.paymentId, line.operationId ?? "", `${russian(line.day)} ${line.time}`, words[line.kind], rublesText(line.kopecks), rublesText(line.feeKopecks), line.payoutId ?? "", line.payoutDay ? russian(line.payoutDay) : "", line.instrument ?? ""].join(";"),
  );
  return Buffer.from(["ID платежа;ID операции;Дата операции;Тип операции;Сумма;Комиссия;Номер выплаты;Дата выплаты;Карта", ...rows].join("\r\n"));
}

type Credit = { payoutId: string; day: string; kopecks: bigint };

/** What came to the account before today: one line per payout. */
function creditsOf(lines: readonly Line[], today: string): Credit[] {
  const credits = new Map<string, Credit>();
  for (const { payoutId, payoutDay, kind, kopecks, feeKopecks } of lines) {
    if (payoutId === null || payoutDay === null || payoutDay >= today) continue;
    const credit = credits.get(payoutId) ?? { payoutId, day: payoutDay, kopecks: 0n };
    credit.kopecks += (kind === "payment_captured" ? kopecks : -kopecks) - feeKopecks;
    credits.set(payoutId, credit);
  }
  return [...credits.values()].filter((credit) => credit.kopecks > 0n);
}

type Stranger = { number: string; day: string; kopecks: bigint; payer: string; inn: string; purpose: string };

/** Transfers of yesterday that nobody has told of: a partner pays a company's order, a tenant leaves a deposit. */
async function strangersOf(ctx: Ctx, acquirerId: string, today: string): Promise<Stranger[]> {
  const day = addDays(today, -1);
  const [waiting] = await ctx.database.sql<{ kopecks: bigint; buyer: string }[]>`
    select total_kopecks as kopecks, buyer_name as buyer from orders where is_test and payer_kind = 'organization' and payment_status in ('not_paid', 'awaiting_payment') and captured_kopecks = 0 and lifecycle not in ('cancelled', 'deleted')
       and seller_org_id = (select seller_org_id from connections where id = ${acquirerId}) order by order_date desc, id limit 1`;
  return [
    ...(waiting ? [{ number: "514", day, kopecks: waiting.kopecks, payer: "ООО «Северный Ветер»", inn: "9900000218", purpose: `Оплата за ${waiting.buyer.replaceAll(/[;\n]/g, " ")}, НДС по счёту` }] : []),
    { number: "88", day, kopecks: 1_240_000n, payer: "ООО «Балтупак»", inn: "9900000225", purpose: "Обеспечительный платёж по договору аренды склада № 31" },
  ];
}

const strangerLines = (account: string, each: Stranger): string[] => [
  "СекцияДокумент=Платежное поручение", `Номер=${each.number}`, `Дата=${russian(each.day)}`, `Сумма=${rublesText(each.kopecks)}`, "ПлательщикСчет=40702810210000054321", `ПлательщикИНН=${each.inn}`, `Плательщик1=${each.payer}`,
  `ПолучательСчет=${account}`, `ДатаПоступило=${russian(each.day)}`, `НазначениеПлатежа=${each.purpose}`, "КонецДокумента",
];

function statementFile(account: string, credits: readonly Credit[], strangers: readonly Stranger[]): Buffer {
  const total = [...credits, ...strangers].reduce((sum, credit) => sum + credit.kopecks, 0n);
  const documents = credits.flatMap((credit, i) => [
    "СекцияДокумент=Банковский ордер", `Номер=${2001 + i}`, `Дата=${russian(credit.day)}`, `Сумма=${rublesText(credit.kopecks)}`, "ПлательщикСчет=30232810200000000333", "Плательщик1=ПАО СБЕРБАНК", `ПолучательСчет=${account}`,
    `ДатаПоступило=${russian(credit.day)}`, `НазначениеПлатежа=Возмещение по эквайрингу, выплата ${credit.payoutId}, комиссия удержана. НДС не облагается`, "КонецДокумента",
  ]);
  const section = ["СекцияРасчСчет", `РасчСчет=${account}`, "НачальныйОстаток=250000.00", `ВсегоПоступило=${rublesText(total)}`, `КонечныйОстаток=${rublesText(25_000_000n + total)}`, "КонецРасчСчет"];
  return Buffer.from(["1CClientBankExchange", "ВерсияФормата=1.03", `РасчСчет=${account}`, ...section, ...documents, ...strangers.flatMap((each) => strangerLines(account, each)), "КонецФайла"].join("\r\n"));
}

/** What must hold when the world has come to rest: the invariants, and every kopeck of the outside in our books exactly once. */
import { findBreaks } from "@/lib/invariants/index.ts";
import type { Onec } from "./onec.ts";
import type { World } from "./world.ts";

export type Finding = { rule: string; count: number; examples: string[] };

export async function findLosses(world: World, onec: Onec): Promise<{ findings: Finding[]; counts: { payments: number; facts: number; receipts: number } }> {
  const findings: Finding[] = [];
  const report = (rule: string, broken: string[]) => {
    if (broken.length > 0) findings.push({ rule, count: broken.length, examples: broken.slice(0, 5) });
  };
  for (const { no, title, count, examples } of await findBreaks(world.eyes)) if (count > 0) findings.push({ rule: `invariant ${no}: ${title}`, count, examples });
  const facts = await bankMoney(world, report);
  const receipts = await receiptsOf(world, report);
  await onecMoney(world, onec, report);
  return { findings, counts: { payments: world.bank.payments.size, facts, receipts } };
}

type Report = (rule: string, broken: string[]) => void;

/** Every kopeck that the bank took or gave back is a fact, and no fact is without its kopeck. */
async function bankMoney({ eyes, bank, acquirer }: World, report: Report): Promise<number> {
  bank.settleAll();
  const facts = await eyes.database.sql<{ kind: string; providerPaymentId: string; providerOperationId: string | null; amountKopecks: bigint }[]>`
    select kind, provider_payment_id, provider_operation_id, amount_kopecks from money_facts where connection_id = ${acquirer.connectionId} and kind in ('payment_captured', 'refund_succeeded')`;
  const names = facts.map((f) => `${f.kind} ${f.kind === "payment_captured" ? f.providerPaymentId : f.providerOperationId}`);
  const once = new Set<string>();
  report("one operation of the bank is in the ledger twice", names.filter((name) => once.size === once.add(name).size));
  const captured = new Map(facts.filter((f) => f.kind === "payment_captured").map((f) => [f.providerPaymentId, f.amountKopecks]));
  const refunded = new Map(facts.filter((f) => f.kind === "refund_succeeded").map((f) => [f.providerOperationId, f.amountKopecks]));
  const payments = [...bank.payments.values()];
  report("a payment of the bank is not in the ledger, or with another sum", payments.filter((p) => captured.get(p.id) !== p.amountKopecks).map((p) => `${p.id} ${p.reference} ${p.amountKopecks}`));
  report("a capture of the ledger that the bank does not have", [...captured.keys()].filter((id) => !bank.payments.has(id)));
  const refunds = payments.flatMap((p) => p.refunds.filter((r) => r.state === "done"));
  report("a refund of the bank is not in the ledger, or with another sum", refunds.filter((r) => refunded.get(r.id) !== r.amountKopecks).map((r) => `${r.id} ${r.amountKopecks}`));
  const known = new Set(refunds.map((r) => r.id));
  report("a refund of the ledger that the bank does not have", [...refunded.keys()].filter((id) => id === null || !known.has(id)).map(String));
  const asked = await eyes.database.sql<{ id: string; times: bigint }[]>`
    select f.provider_payment_id as id, count(*) as times from refunds r join money_facts f on f.id = r.payment_fact_id where r.state = 'succeeded' and r.source <> 'provider_cabinet' group by 1`;
  const askedOf = new Map(asked.map((row) => [row.id, Number(row.times)]));
  report("the bank paid back more often than we asked", payments.filter((p) => p.refunds.filter((r) => r.byUs && r.state === "done").length > (askedOf.get(p.id) ?? 0)).map((p) => p.id));
  return facts.length;
}

/** Every due receipt is registered once; the register holds no document that nobody owed. */
async function receiptsOf({ eyes, register }: World, report: Report): Promise<number> {
  const rows = await eyes.database.sql<{ id: string; state: string; externalId: string | null; totalKopecks: bigint; fdNumber: string | null; failCode: string | null; failText: string | null }[]>`
    select id, state, external_id, total_kopecks, fd_number, fail_code, fail_text from receipts where state <> 'cancelled'`;
  report("a receipt that is neither registered nor needless", rows.filter((r) => r.state !== "registered" && r.state !== "not_required").map((r) => `${r.id} ${r.state} ${r.failCode ?? ""} ${r.failText ?? ""}`));
  const documents = [...register.printed.values()];
  const byFd = new Map(rows.filter((r) => r.state === "registered").map((r) => [r.fdNumber, r]));
  report("a document of the register that no receipt of ours knows", documents.filter((d) => !byFd.has(d.fdNumber)).map((d) => `${d.fdNumber} ${d.externalId}`));
  report("a document with another sum than the receipt", documents.filter((d) => byFd.has(d.fdNumber) && byFd.get(d.fdNumber)!.totalKopecks !== d.totalKopecks).map((d) => d.fdNumber));
  const perReceipt = new Map<string, number>();
  for (const { meta } of documents) if (meta !== null) perReceipt.set(meta, (perReceipt.get(meta) ?? 0) + 1);
  report("two documents for one receipt", [...perReceipt].filter(([, times]) => times > 1).map(([id]) => id));
  return documents.length;
}

/** Each kopeck of the ledger that 1C can know of is in 1C once, under its order. */
async function onecMoney({ eyes, isJson }: World, onec: Onec, report: Report): Promise<void> {
  report("1C holds one payment with two sums", onec.contradictions);
  report("a document of 1C was never taken", [...onec.orders.values()].filter((o) => o.orderId === null).map((o) => o.draft.number));
  const booked = new Map<string, { order: string; sum: bigint; times: number }>();
  for (const order of onec.orders.values()) {
    for (const [id, sum] of order.booked) {
      const known = booked.get(id);
      booked.set(id, { order: order.draft.number, sum, times: (known?.times ?? 0) + 1 });
    }
  }
  const facts = await eyes.database.sql<{ id: string; amountKopecks: bigint; number: string }[]>`
    select f.id, f.amount_kopecks, o.number from money_facts f join export_messages e on e.fact_id = f.id join orders o on o.id = e.order_id where f.kind = 'payment_captured'`;
  report("a payment of the ledger is not in 1C, or not once, or elsewhere", facts.filter((f) => {
    const there = booked.get(`P-${f.id}`);
    return there?.times !== 1 || there.sum !== f.amountKopecks || there.order !== f.number;
  }).map((f) => `${f.number} ${f.id}`));
  const ours = new Set(facts.map((f) => `P-${f.id}`));
  report("1C holds a payment that the ledger does not have", [...booked.keys()].filter((id) => !ours.has(id)));
  const told = await eyes.database.sql<{ id: string; number: string; totalKopecks: bigint; isPaid: boolean; isTold: boolean }[]>`
    select id, number, total_kopecks, n > 0 and n >= total_kopecks as is_paid, exported_version >= export_version as is_told
      from (select *, captured_kopecks - reversed_kopecks - refunded_kopecks - charged_back_kopecks as n from orders) o where captured_kopecks > 0`;
  if (isJson) {
    const waiting = await eyes.database.sql<{ key: string }[]>`
      select e.key from feed_events e left join feed_cursors c on c.connection_id = e.connection_id where e.seq is null or e.seq > coalesce(c.acked_seq, 0) limit 10`;
    report("1C never acknowledged an event", waiting.map((event) => event.key));
  } else report("1C was never given the last change of an order", told.filter((o) => !o.isTold).map((o) => o.number));
  // A total that 1C itself changed after our answer it knows of.
  const misled = told.filter((o) => {
    const last = onec.orders.get(o.number)?.told;
    return !last || (last.totalKopecks === o.totalKopecks && last.isPaid !== o.isPaid);
  });
  report("1C takes an order for paid that is not, or for unpaid", misled.map((o) => `${o.number} ${o.isPaid ? "paid" : "not paid"}`));
  const waiting = await eyes.database.sql<{ number: string; state: string }[]>`
    select o.number, e.state from export_messages e join orders o on o.id = e.order_id join money_facts f on f.id = e.fact_id where e.state = 'pending' and f.kind = 'payment_captured'`;
  report("a payment still waits for 1C", waiting.map((w) => `${w.number} ${w.state}`));
}

/** Registries come late, twice and in pieces: in the end only what they say counts, not how it came (REC-04, invariants 6 and 7). */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inTransaction } from "@/lib/context.ts";
import { instantOfLocal } from "@/lib/kit/time.ts";
import { recordFact } from "@/lib/ledger/index.ts";
import { aStaff } from "@/lib/testing/a-staff.ts";
import type { MadeStaff } from "@/lib/testing/a-staff.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aShop, anAcquirer } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { registryFile } from "@/lib/testing/registry-lines.ts";
import type { GivenRegistryLine } from "@/lib/testing/registry-lines.ts";
import { reconcile, uploadRegistry } from "./index.ts";

let t: TestContext;
let shop: TestShop;
let accountant: MadeStaff;
beforeAll(async () => {
  t = await openTestContext();
  t.clock.set("2026-11-20T09:00:00Z");
  shop = await aShop(t);
  accountant = await aStaff(t, { role: "accountant" });
});
afterAll(() => t.close());

type Operation = { payment: number; kind: "Оплата" | "Возврат" | "Опротестование"; kopecks: bigint; isKnown: boolean; day: "2026-11-18" | "2026-11-19"; hasFee: boolean };
type Delivery = { picks: boolean[]; isReconciled: boolean };

const operation: fc.Arbitrary<Operation> = fc.record({
  payment: fc.integer({ min: 0, max: 4 }), kind: fc.constantFrom("Оплата", "Оплата", "Возврат", "Опротестование"), kopecks: fc.bigInt({ min: 1n, max: 3n }).map((n) => n * 1_000n), isKnown: fc.boolean(),
  day: fc.constantFrom("2026-11-18", "2026-11-19"), hasFee: fc.boolean(),
});

/** One line per payment and per refund; both days have a line, so that every way of delivering covers them. */
function linesOf(operations: readonly Operation[]): GivenRegistryLine[] {
  const lines = new Map<string, GivenRegistryLine>([["a", { id: "d18", kopecks: 500n, day: "2026-11-18" }], ["b", { id: "d19", kopecks: 500n, day: "2026-11-19" }]]);
  for (const [i, one] of operations.entries()) {
    const isPayment = one.kind === "Оплата";
    lines.set(isPayment ? `p${one.payment}` : `r${i}`, {
      id: `p${one.payment}`, kind: one.kind, kopecks: isPayment ? one.kopecks * 10n : one.kopecks, day: one.day, ...(!isPayment && { operationId: `op${i}` }), ...(one.hasFee && { feeKopecks: one.kopecks / 50n }),
    });
  }
  return [...lines.values()];
}

/** Delivers to a bank of its own and answers what is known and what is open in the end. */
async function outcome(operations: readonly Operation[], deliveries: readonly (readonly GivenRegistryLine[])[], reconciled: readonly boolean[]): Promise<{ entries: string[]; open: string[] }> {
  await t.ctx.database.sql`update connections set enabled = false where kind = 'acquirer'`;
  const { connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId, settings: { feePercent: "2" } });
  await t.ctx.database.sql`update connections set enabled = false where id = ${connectionId}`;
  // What we know ourselves: some of the payments, some with another sum, and one that no registry names.
  for (const [id, kopecks] of new Map([...operations.filter((one) => one.isKnown && one.kind === "Оплата").map((one): [string, bigint] => [`p${one.payment}`, 20_000n]), ["d18", 500n], ["d19", 500n], ["ours", 700n]])) {
    await inTransaction(t.ctx, (tx) => recordFact(t.ctx, tx, {
      kind: "payment_captured", amountKopecks: kopecks, method: "card", connectionId, providerPaymentId: id, captureNo: 1, occurredAt: instantOfLocal("2026-11-19T12:00:00")!, fiscalOwner: "none", isTest: true,
      allocations: [{ orderId: null, counterpartyId: null, amountKopecks: kopecks }],
    }));
  }
  for (const [i, lines] of deliveries.entries()) {
    if (lines.length > 0) await uploadRegistry(accountant.ctx, { connectionId, fileName: `${i}.csv`, bytes: registryFile(lines) });
    if (reconciled[i]) await reconcile(t.ctx, "full");
  }
  // The second run sees what the first one mended.
  for (let time = 0; time < 2; time++) {
    await reconcile(t.ctx, "full");
    t.clock.advance(3_600_000);
  }
  t.clock.set("2026-11-20T09:00:00Z");
  const entries = await t.ctx.database.sql<{ line: string }[]>`
    select concat_ws(' ', kind, provider_payment_id, provider_operation_id, amount_kopecks, fee_kopecks, business_date) as line from registry_entries where connection_id = ${connectionId} order by 1`;
  const open = await t.ctx.database.sql<{ line: string }[]>`
    select concat_ws(' ', class, state, replace(object_key, ${connectionId}, '-'), ours_kopecks, theirs_kopecks) as line from discrepancies where connection_id = ${connectionId} and state in ('expected', 'open') and object_key not like 'fact:%' order by 1`;
  return { entries: entries.map((row) => row.line), open: open.map((row) => row.line) };
}

test("REC-03, REC-04, invariants 6 and 7: any order and overlap of deliveries ends with the same lines and the same differences as one delivery of all", async () => {
  let seenOpen = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 1, maxLength: 8 }),
      fc.array(fc.record({ picks: fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }), isReconciled: fc.boolean() }), { minLength: 1, maxLength: 3 }),
      async (operations, deliveries: Delivery[]) => {
        const all = linesOf(operations);
        const parts = deliveries.map(({ picks }) => all.filter((_, i) => picks[i % picks.length]));
        // What no part held comes last, beside lines that are known.
        const rest = all.filter((line) => !parts.some((part) => part.includes(line)));
        const [whole, pieces] = [await outcome(operations, [all], [false]), await outcome(operations, [...parts, [...rest, ...all.slice(0, 2)].filter((line, i, list) => list.indexOf(line) === i)], [...deliveries.map((one) => one.isReconciled), false])];
        expect(pieces).toEqual(whole);
        seenOpen += whole.open.length;
      },
    ),
    { numRuns: 6 },
  );
  // The property is about something: differences were there.
  expect(seenOpen).toBeGreaterThan(6);
}, 120_000);

test("a line with a zero byte or half a letter is set aside like any other, and the file is taken", async () => {
  const { connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId });
  const rows = Array.from({ length: 200 }, (_, i) => `bulk${i};19.11.2026;10,00;${"x".repeat(100)}`);
  // Kept lines are cut at a thousand letters: here in the middle of one that takes two.
  const cut = `cut;19.11.2026;0;${"y".repeat(981)}😀tail`;
  const bytes = Buffer.from(["ID платежа;Дата;Сумма;Назначение", ...rows, "zero;19.11.2026;0;a\u0000b", cut, "odd;19.11.2026;\u0000x;c"].join("\n"));
  for (let shift = 0; shift < 3; shift++) {
    const shifted = Buffer.from(bytes.toString().replace("yyy", "y".repeat(3 + shift)));
    const taken = await uploadRegistry(accountant.ctx, { connectionId, fileName: `zero\u0000${shift}.csv`, bytes: shifted });
    expect(taken).toMatchObject({ status: "taken", registry: { lineCount: 203, problemCount: 3 } });
  }
});

test("the same file twice changes nothing; a file that is refused leaves nothing; a manager may not upload", async () => {
  const { connectionId } = await anAcquirer(t, { sellerOrgId: shop.sellerOrgId });
  const upload = (given: readonly GivenRegistryLine[]) => uploadRegistry(accountant.ctx, { connectionId, fileName: "registry.csv", bytes: registryFile([...given]) });
  const lines: GivenRegistryLine[] = [{ id: "p1", kopecks: 10_000n }];
  const first = await upload(lines);
  expect(await upload(lines)).toEqual({ status: "known", registryId: first.status === "taken" ? first.registry.registryId : "" });
  const both = await Promise.all([upload([{ id: "p5", kopecks: 1n }]), upload([{ id: "p5", kopecks: 1n }])]);
  expect(both.map((each) => each.status).toSorted()).toEqual(["known", "taken"]);
  const more = await upload([...lines, { id: "p2", kopecks: 5n }]);
  expect(more).toMatchObject({ registry: { newCount: 1, knownCount: 1 } });
  const count = async () => (await t.ctx.database.sql`select (select count(*) from registries) as registries, (select count(*) from registry_entries) as entries, (select count(*) from registry_problems) as problems`)[0];
  const before = await count();
  // A broken row after good ones: an archive that ends in the middle, a header without columns, a stranger's file.
  for (const bytes of [Buffer.from("Дата;Сумма\n19.11.2026;5"), Buffer.from("ID платежа;Дата;Сумма;ИНН\np1;19.11.2026;5;7707083893"), Buffer.from("ID платежа;Дата;Сумма\np1;19.11.2026;0")]) {
    await expect(uploadRegistry(accountant.ctx, { connectionId: connectionId, fileName: "x", bytes })).rejects.toMatchObject({ code: "invalid" });
  }
  const manager = await aStaff(t, { role: "manager", storeId: shop.storeId });
  await expect(uploadRegistry(manager.ctx, { connectionId: connectionId, fileName: "x", bytes: registryFile([{ id: "p7", kopecks: 5n }]) })).rejects.toMatchObject({ code: "forbidden" });
  expect(await count()).toEqual(before);
});

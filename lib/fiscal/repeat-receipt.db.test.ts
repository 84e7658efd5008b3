/** «Повторить» never prints what our own checks stopped (VAT-06, CML-18, NUM-04): it plans anew from the order as 1C corrected it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { DraftLine, OrderDraft } from "@/lib/onec/wire/index.ts";
import { openTestContext } from "@/lib/testing/context.ts";
import type { TestContext } from "@/lib/testing/context.ts";
import { aDraft, aLine, changed, upload } from "@/lib/testing/drafts.ts";
import { aRegister, aShop } from "@/lib/testing/factories.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import { putMoney } from "@/lib/testing/pay-order.ts";
import { repeatReceipt } from "./repeat-receipt.ts";

let t: TestContext;
let shop: TestShop;
beforeAll(async () => {
  t = await openTestContext();
  shop = await aShop(t);
  await aRegister(t, { sellerOrgId: shop.sellerOrgId });
});
afterAll(() => t.close());

type Row = { id: string; state: string; failCode: string | null; connectionId: string | null; contact: string | null };
const receiptsOf = async (orderId: string): Promise<Row[]> => [...(await t.ctx.database.sql<Row[]>`select id, state, fail_code, connection_id, contact from receipts where order_id = ${orderId} order by planned_at, id`)];
const linesOf = async (receiptId: string) => [...(await t.ctx.database.sql<{ name: string; sumKopecks: bigint; vatRate: string; method: number }[]>`select name, sum_kopecks, vat_rate, method from receipt_lines where receipt_id = ${receiptId} order by line_no`)];
const refusal = (receiptId: string) => repeatReceipt(t.ctx, { receiptId }).then(() => null, (error: unknown) => (error as { code: string }).code);
const registers = (enabled: boolean) => t.ctx.database.sql`update connections set enabled = ${enabled} where kind = 'register'`;

/** An order of 1C, paid by card, whose receipt our checks stopped. */
async function stopped(draft: OrderDraft) {
  const [taken] = await upload(t, shop, draft);
  const orderId = taken!.orderId!;
  await putMoney(t, { orderId, kopecks: draft.totalKopecks, fiscalOwner: "site", announced: true });
  const [receipt] = await receiptsOf(orderId);
  return { orderId, receipt: receipt! };
}

test("VAT-06: a receipt stopped for the rate of 20 % is refused until 1C corrects it, then goes with 22 %", async () => {
  const old: DraftLine = { ...aLine({ sumKopecks: 122_000n }), vat: "vat20" };
  const draft = aDraft({ lines: [old] });
  const { orderId, receipt } = await stopped(draft);
  expect(receipt).toMatchObject({ state: "failed_final", failCode: "VAT20_BLOCKED" });

  expect(await refusal(receipt.id)).toBe("conflict");
  expect(await receiptsOf(orderId)).toEqual([receipt]);

  await upload(t, shop, changed(draft, { lines: [{ ...old, vat: "vat22" }] }));
  await repeatReceipt(t.ctx, { receiptId: receipt.id });
  const [cancelled, planned, ...more] = await receiptsOf(orderId);
  expect([cancelled!.state, planned!.state, more]).toEqual(["cancelled", "planned", []]);
  expect(await linesOf(planned!.id)).toEqual([{ name: "Чайник", sumKopecks: 122_000n, vatRate: "vat22_122", method: 1 }]);
  expect(await t.ctx.database.sql`select 1 from pgboss.job where name = 'receipt.work' and data->>'receiptId' = ${planned!.id}`).toHaveLength(1);
  expect(await refusal(receipt.id)).toBe("conflict");
});

test("CML-18: lines that did not fit the total are taken from the corrected order", async () => {
  const wrong = aDraft({ lines: [aLine({ sumKopecks: 90_000n })], totalKopecks: 100_000n, linesMatchTotal: false });
  const { orderId, receipt } = await stopped(wrong);
  expect(receipt.failCode).toBe("LINES_TOTAL_MISMATCH");
  expect(await refusal(receipt.id)).toBe("conflict");
  await upload(t, shop, changed(wrong, { lines: [aLine({ name: "Самовар", sumKopecks: 100_000n })], totalKopecks: 100_000n, linesMatchTotal: true }));
  await repeatReceipt(t.ctx, { receiptId: receipt.id });
  const [, planned] = await receiptsOf(orderId);
  expect(await linesOf(planned!.id)).toMatchObject([{ name: "Самовар", sumKopecks: 100_000n }]);
});

test("FISC-37: a receipt that only lacked a register keeps the lines the buyer saw; without a register the repeat is refused", async () => {
  await registers(false);
  const draft = aDraft({ lines: [aLine({ name: "Чайник", sumKopecks: 50_000n })] });
  const { orderId, receipt } = await stopped(draft);
  expect(receipt).toMatchObject({ failCode: "NO_REGISTER", connectionId: null });
  expect(await refusal(receipt.id)).toBe("conflict");
  expect(await receiptsOf(orderId)).toEqual([receipt]);

  await registers(true);
  await upload(t, shop, changed(draft, { lines: [aLine({ name: "Самовар", sumKopecks: 50_000n })] }));
  await repeatReceipt(t.ctx, { receiptId: receipt.id });
  const [, planned] = await receiptsOf(orderId);
  expect(planned).toMatchObject({ state: "planned", connectionId: expect.any(String) });
  expect(await linesOf(planned!.id)).toMatchObject([{ name: "Чайник", sumKopecks: 50_000n }]);
});

test("LOST-15: a receipt the register refused is not queued while no register is there to take it", async () => {
  const { receipt } = await stopped(aDraft({ lines: [aLine({ sumKopecks: 70_000n })] }));
  await t.ctx.database.sql`update receipts set state = 'failed_final', fail_code = 'validation', connection_id = null where id = ${receipt.id}`;
  await registers(false);
  expect(await refusal(receipt.id)).toBe("conflict");
  await registers(true);
  expect(await refusal(receipt.id)).toBeNull();
  const [row] = await t.ctx.database.sql`select state, connection_id from receipts where id = ${receipt.id}`;
  expect(row).toMatchObject({ state: "queued", connectionId: expect.any(String) });
});

/** Contract of refunds and holds against the sandbox cabinet, faults included. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Acquirer } from "@/lib/acquirers/acquirer.ts";
import { createPayKeeper } from "./index.ts";
import { startSandbox } from "@/lib/testing/sandbox.ts";
import type { TestSandbox } from "@/lib/testing/sandbox.ts";

let box: TestSandbox;
let oneStage: Acquirer;
let twoStage: Acquirer;
const signal = () => AbortSignal.timeout(5_000);
let counter = 0;

beforeAll(async () => {
  box = await startSandbox();
  const { baseUrl, login, password, secretWord } = box.credentials.paykeeper;
  const config = { baseUrl, login, password, secretWord, fiscalisation: "own" as const };
  oneStage = createPayKeeper(config, { now: () => new Date() });
  twoStage = createPayKeeper({ ...config, heldStatuses: ["obtained"] }, { now: () => new Date() });
  await box.control("paykeeper/settings", { refundSeconds: 0, retryPauses: [] });
});
afterAll(() => box.stop());
beforeEach(() => box.control("paykeeper/settings", { twoStage: true }));
afterEach(() => box.control("reset"));

/** A payment of 1 000.00 at the cabinet. */
async function paid(bank: Acquirer): Promise<{ id: string; reference: string; createdAt: Date }> {
  const reference = `t-${++counter}`;
  const createdAt = new Date();
  const opened = await bank.open({ reference, amountKopecks: 100_000n, method: "card", purpose: "Заказ", email: "a@b.ru", phone: null, payerId: "p1", returnUrl: "https://pay.test/", expiresAt: null }, signal());
  if (opened.kind !== "done") throw new Error(opened.kind);
  const payment = await box.control<{ id: string }>(`pay/${opened.value.providerInvoiceId}`, {});
  return { id: payment.id, reference, createdAt };
}
const look = async (bank: Acquirer, { id, reference, createdAt }: { id: string; reference: string; createdAt: Date }) => {
  const seen = await bank.look({ reference, providerInvoiceId: null, providerPaymentId: id, createdAt }, signal());
  return seen.kind === "done" ? seen.value : seen;
};
const fault = (name: string, on: string) => box.control("fault", { target: "paykeeper", fault: name, on });

test("LOST-31: held, then less of it taken: the payment tells the taken sum", async () => {
  const payment = await paid(twoStage);
  expect(await look(twoStage, payment)).toMatchObject({ state: "held", amountKopecks: 100_000n, paidAt: null });
  expect(await twoStage.capture({ providerPaymentId: payment.id, amountKopecks: 100_001n, partial: true }, signal())).toMatchObject({ kind: "refused" });
  expect(await twoStage.capture({ providerPaymentId: payment.id, amountKopecks: 60_000n, partial: true }, signal())).toMatchObject({ kind: "done" });
  expect(await look(twoStage, payment)).toMatchObject({ state: "paid", amountKopecks: 60_000n });
  expect(await twoStage.capture({ providerPaymentId: payment.id, amountKopecks: 60_000n, partial: false }, signal())).toMatchObject({ kind: "refused" });
});

test("held money let go is a cancelled payment; it is no money of a period", async () => {
  const payment = await paid(twoStage);
  const today = new Date(Date.now() + 3 * 3_600_000).toISOString().slice(0, 10);
  const listed = async () => {
    const list = await twoStage.listPayments({ from: today, to: today }, signal());
    return list.kind === "done" ? list.value.some((seen) => seen.providerPaymentId === payment.id) : list;
  };
  expect(await listed()).toBe(false);
  expect(await twoStage.release({ providerPaymentId: payment.id, amountKopecks: 100_000n }, signal())).toMatchObject({ kind: "done" });
  expect(await look(twoStage, payment)).toMatchObject({ state: "canceled" });
  expect(await twoStage.listRefunds(payment.id, signal())).toEqual({ kind: "done", value: [] });
  expect(await listed()).toBe(false);
});

test("a one-stage connection never captures, and knows no hold", async () => {
  expect(await oneStage.capture({ providerPaymentId: "1", amountKopecks: 1n, partial: false }, signal())).toMatchObject({ kind: "refused", code: "config" });
  expect(await oneStage.release({ providerPaymentId: "1", amountKopecks: 1n }, signal())).toMatchObject({ kind: "refused", code: "config" });
  await box.control("paykeeper/settings", { twoStage: false });
  expect(await look(oneStage, await paid(oneStage))).toMatchObject({ state: "paid" });
});

test.each(["create_timeout_after", "502_after"])("%s of a capture, a release or a refund is unknown, and reading back shows that it was done", async (name) => {
  const taken = await paid(twoStage);
  await fault(name, "/change/payment/capture/");
  expect(await twoStage.capture({ providerPaymentId: taken.id, amountKopecks: 100_000n, partial: false }, signal())).toMatchObject({ kind: "unknown" });
  expect(await look(twoStage, taken)).toMatchObject({ state: "paid" });
  const free = await paid(twoStage);
  await fault(name, "/change/payment/reverse/");
  expect(await twoStage.release({ providerPaymentId: free.id, amountKopecks: 100_000n }, signal())).toMatchObject({ kind: "unknown" });
  expect(await look(twoStage, free)).toMatchObject({ state: "canceled" });
});

test("a two-stage notification only names the payment, a hold and its capture are two events", async () => {
  const payment = await paid(twoStage);
  const read = async () => {
    const { body } = await box.read<{ body: string }>(`paykeeper/notification/${payment.id}`);
    return twoStage.readNotification({ headers: {}, body, ip: null });
  };
  const first = await read();
  await twoStage.capture({ providerPaymentId: payment.id, amountKopecks: 100_000n, partial: false }, signal());
  const second = await read();
  expect([first, second]).toMatchObject([{ kind: "hint", ref: { reference: payment.reference, providerPaymentId: payment.id } }, { kind: "hint" }]);
  expect("eventKey" in first && "eventKey" in second && first.eventKey !== second.eventKey).toBe(true);
});

test("refunds: a part, then the rest in full; the list names each with its state", async () => {
  await box.control("paykeeper/settings", { twoStage: false, refundSeconds: 0 });
  const payment = await paid(oneStage);
  const refund = (amountKopecks: bigint, partial: boolean) => oneStage.refund({ refundId: "r", providerPaymentId: payment.id, amountKopecks, partial }, signal());
  const settled = async (count: number) => {
    for (let i = 0; i < 100; i++) {
      const listed = await oneStage.listRefunds(payment.id, signal());
      if (listed.kind === "done" && listed.value.length === count && listed.value.every((each) => each.state !== "waiting")) return listed.value.map((each) => [each.amountKopecks, each.state]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return null;
  };
  expect(await refund(30_000n, true)).toMatchObject({ kind: "done", value: { state: "waiting", providerRefundId: null } });
  expect(await settled(1)).toEqual([[30_000n, "done"]]);
  expect(await refund(70_001n, true)).toMatchObject({ kind: "refused" });
  await box.control("fault", { target: "paykeeper", fault: "refund_fails" });
  expect(await refund(70_000n, false)).toMatchObject({ kind: "done" });
  expect(await settled(2)).toEqual([[30_000n, "done"], [70_000n, "refused"]]);
  await fault("502_after", "/change/payment/reverse/");
  expect(await refund(70_000n, false)).toMatchObject({ kind: "unknown" });
  expect(await settled(3)).toEqual([[30_000n, "done"], [70_000n, "refused"], [70_000n, "done"]]);
  expect(await look(oneStage, payment)).toMatchObject({ state: "paid", refundedKopecks: 100_000n });
});

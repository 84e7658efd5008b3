/** A shop whose bank, register and mail are the sandbox: for contract tests and stories. */
import type { TestContext } from "./context.ts";
import { openTestContext } from "./context.ts";
import { aSeller, aStore, aOnecBase, anAcquirer, aRegister } from "./factories.ts";
import { openNotificationDoor } from "./notification-door.ts";
import type { NotificationDoor } from "./notification-door.ts";
import { startSandbox } from "./sandbox.ts";
import type { TestSandbox } from "./sandbox.ts";
import { createConnection } from "@/lib/connections/index.ts";
import { openAttempt } from "@/lib/payments/index.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { MadeOrder } from "./an-order.ts";

export type MoneyWorld = TestContext & {
  sandbox: TestSandbox;
  door: NotificationDoor;
  shop: { sellerOrgId: string; storeId: string; onecId: string };
  acquirer: { connectionId: string; door: string };
  /** Opens an attempt as the pay page does. */
  pay(order: MadeOrder, method: "card" | "sbp", contact?: string): ReturnType<typeof openAttempt>;
  /** Moves our clock and the sandbox's by the same time. */
  advance(seconds: number): Promise<void>;
  /** Ends every fault of the bank, the register and 1C. */
  disarmFaults(): Promise<void>;
  /** The bank's invoice or payment id of an attempt. */
  bankId(attemptId: string): Promise<string>;
};

/** Call once per file in `beforeAll`; close in `afterAll`. The bank's clock is the real one, ours is set to the same moment. */
export async function openMoneyWorld(): Promise<MoneyWorld> {
  const [t, sandbox] = await Promise.all([openTestContext(), startSandbox()]);
  t.clock.set(new Date());
  const { paykeeper, orange, mail } = sandbox.credentials;
  const { sellerOrgId } = await aSeller(t);
  const { storeId } = await aStore(t, { sellerOrgId });
  const { connectionId: onecId } = await aOnecBase(t, { storeId });
  const acquirer = await anAcquirer(t, { sellerOrgId, baseUrl: paykeeper.baseUrl, settings: { login: paykeeper.login }, secret: { password: paykeeper.password, secretWord: paykeeper.secretWord } });
  await aRegister(t, {
    sellerOrgId,
    settings: { baseUrl: orange.baseUrl, inn: orange.inn, key: orange.key, group: orange.group, ffd: "1.2", receiptUrlBase: orange.receiptBaseUrl },
    secret: { clientCertPem: orange.clientCertPem, clientKeyPem: orange.clientKeyPem, caPem: orange.caPem, signingKey: orange.signingPrivateKeyPem },
  });
  await createConnection(t.ctx, {
    kind: "mail", provider: "smtp", name: "Почта", sellerOrgId: null, environment: "test",
    settings: { host: mail.smtpHost, port: mail.smtpPort, secure: false, from: "kassa@ladoga.example" }, secret: {},
  });
  const door = await openNotificationDoor(t.ctx);
  await sandbox.control("paykeeper/settings", { notifyUrl: door.address(acquirer.door) });
  await sandbox.control("orange/settings", { minDelayMs: 0, maxDelayMs: 0 });
  return {
    ...t,
    sandbox,
    door,
    shop: { sellerOrgId, storeId, onecId },
    acquirer: { connectionId: acquirer.connectionId, door: acquirer.door },
    pay: (order, method, contact = "ivanov@example.ru") =>
      openAttempt(t.ctx, { linkId: order.link!.linkId, orderId: order.orderId, method, contact, amountSeenKopecks: order.link!.amountKopecks, formKey: newId(), returnUrl: `${t.ctx.publicUrl}/pay/${order.link!.token}` }),
    async advance(seconds) {
      t.clock.advance(seconds * 1_000);
      await sandbox.control("clock", { shiftSeconds: seconds });
    },
    async disarmFaults() {
      const { armed } = await sandbox.read<{ armed: { target: string; fault: string; on: string | null }[] }>("fault");
      for (const { target, fault, on } of armed) await sandbox.control("fault", { target, fault, times: 0, ...(on !== null && { on }) });
    },
    async bankId(attemptId) {
      const [row] = await t.ctx.database.sql<{ id: string }[]>`select coalesce(provider_invoice_id, provider_payment_id) as id from payment_attempts where id = ${attemptId}`;
      return row!.id;
    },
    async close() {
      await door.close();
      await sandbox.stop();
      await t.close();
    },
  };
}

/** The sums of an order's story that every scenario looks at. */
export async function moneyOf(t: Pick<TestContext, "ctx">, orderId: string) {
  const { sql } = t.ctx.database;
  const [order] = await sql<{ paymentStatus: string; capturedKopecks: bigint }[]>`select payment_status, captured_kopecks from orders where id = ${orderId}`;
  const facts = await sql<{ kind: string; amountKopecks: bigint }[]>`
    select f.kind, f.amount_kopecks from money_facts f join allocations a on a.fact_id = f.id where a.order_id = ${orderId} order by f.recorded_at, f.id`;
  const receipts = await sql<{ state: string; totalKopecks: bigint; fdNumber: string | null; failText: string | null }[]>`select state, total_kopecks, fd_number, fail_text from receipts where order_id = ${orderId} order by planned_at, id`;
  const exports = await sql<{ state: string; amountKopecks: bigint }[]>`select state, amount_kopecks from export_messages where order_id = ${orderId} order by seq`;
  const alerts = await sql<{ code: string; severity: string }[]>`select code, severity from alerts where order_id = ${orderId} and state <> 'resolved' order by code`;
  return { status: order!.paymentStatus, capturedKopecks: order!.capturedKopecks, facts, receipts, exports, alerts };
}

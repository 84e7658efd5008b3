import { can } from "@/lib/auth/permissions.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden } from "@/lib/kit/errors.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import { assertVisible } from "@/lib/orders/assert-visible.ts";
import type { PricedLine } from "./price-lines.ts";
import { checkRefund, planRefund } from "./request-refund.ts";
import type { RequestRefund } from "./request-refund.ts";

export type RefundPreview = {
  amountKopecks: bigint;
  lines: PricedLine[];
  /** From which payments it goes back; `instrument` is the card or application as the bank named it. */
  parts: { paymentFactId: string | null; amountKopecks: bigint; method: PayMethodCode | null; instrument: string | null }[];
  needsApproval: boolean;
};

/** What `requestRefund` would do with this wish, without doing it: for the step that asks «верно?». Throws as `requestRefund`. */
export async function previewRefund(ctx: Ctx, input: RequestRefund & { orderId: string }): Promise<RefundPreview> {
  if (ctx.actor.kind !== "staff" || !can(ctx.actor.role, "refund.request")) throw forbidden();
  checkRefund(ctx, input);
  await assertVisible(ctx, viewerOf(ctx.actor), input.orderId);
  return inTransaction(ctx, async (tx) => {
    const { amountKopecks, lines, picks, needsApproval } = await planRefund(tx, input);
    const attemptIds = picks.flatMap(({ payment }) => payment?.attemptId ?? []);
    const attempts = await tx<{ id: string; instrument: string | null }[]>`select id, instrument from payment_attempts where id = any(${attemptIds}::uuid[])`;
    const parts = picks.map(({ payment, amountKopecks: part }) => ({
      paymentFactId: payment?.factId ?? null, amountKopecks: part, method: payment?.method ?? null, instrument: attempts.find((attempt) => attempt.id === payment?.attemptId)?.instrument ?? null,
    }));
    return { amountKopecks, lines, parts, needsApproval };
  });
}

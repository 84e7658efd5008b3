import { notFound, redirect } from "next/navigation";
import { buyerContext, readVisitor } from "@/app/pay/[token]/load.ts";
import { findBillPage } from "@/lib/onec/paykeeper/index.ts";
import { countMiss } from "@/lib/orders/pay-throttle.ts";

type Props = { params: Promise<{ number: string; token: string }> };

/** The address of a bill that 1C sends to its buyer: it stays the same whatever pay link the order has now. */
export default async function BillPage({ params }: Props) {
  const [{ number, token }, ctx, { ip }] = [await params, await buyerContext(), await readVisitor()];
  const payToken = await findBillPage(ctx, { number, token });
  if (payToken === null) {
    await countMiss(ctx, ip);
    notFound();
  }
  redirect(`/pay/${payToken}`);
}

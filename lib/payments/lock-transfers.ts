import type { Tx } from "@/db/index.ts";

const TRANSFERS = 72058;

/**
 * Takes turns over the transfers of one payer until the transaction ends: whoever makes money of a statement's line looks for what was
 * told of it and must not miss what another is writing (LOST-23). Those who only book what they are told share the turn: they meet at
 * the rows. Take it after the order's lock.
 */
export async function lockTransfers(tx: Tx, payerInn: string | null, turn: "shared" | "alone"): Promise<void> {
  const inn = payerInn ?? "";
  await (turn === "alone" ? tx`select pg_advisory_xact_lock(${TRANSFERS}, hashtext(${inn}))` : tx`select pg_advisory_xact_lock_shared(${TRANSFERS}, hashtext(${inn}))`);
}

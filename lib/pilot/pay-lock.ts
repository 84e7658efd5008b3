import type { Tx } from "@/db/index.ts";

/**
 * Taken by what forbids or allows new payments. Every new link, attempt and invoice takes the same lock shared, in its trigger: when
 * this returns, those that began earlier are committed, and later ones will see what we write.
 */
export const lockPayments = (tx: Tx): Promise<unknown> => tx`select pg_advisory_xact_lock(72055, 0)`;

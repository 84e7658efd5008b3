import type { Tx } from "@/db/index.ts";

/**
 * Holds the feed of a consumer. The order of locks of everybody who settles what was told (decision 0023): orders, then this, then rows of exports, events
 * and the journal, in whatever sequence. A consumer that has fetched nothing yet has nothing to hold. A rehearsal that
 * proves money holds it too, until it is rolled back: whoever wanted the rows that it has written would wait for them with the feed in hand.
 */
export const lockFeed = (tx: Tx, connectionId: string | null) => tx`select 1 from feed_cursors where connection_id = ${connectionId} for update`;

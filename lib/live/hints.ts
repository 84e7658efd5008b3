/**
 * Tells open pages that an order changed. NOTIFY takes a lock that every committing notifier waits for, so hints go out
 * after the commit, collected for some milliseconds, on a connection of their own that waits for no disk. A lost hint is
 * made good by the page's own polling.
 */
import { openClient } from "@/db/open-client.ts";

export const HINT_CHANNEL = "kopeyka_orders";
/** Instead of an id: something changed that every open page shows. */
export const EVERY_ORDER = "*";
const COLLECT_MS = 20;
/** NOTIFY payloads end at 8000 bytes; an id takes 37. */
const IDS_PER_NOTIFY = 200;

export type Hinter = { hint(orderId: string): void; close(): Promise<void> };

export function createHinter(url: string): Hinter {
  const sql = openClient(url, { max: 1, onnotice: () => undefined, connection: { application_name: "kopeyka-hints", synchronous_commit: "off" } });
  let waiting = new Set<string>();
  let timer: NodeJS.Timeout | null = null;

  async function flush(): Promise<void> {
    timer = null;
    const ids = [...waiting];
    waiting = new Set();
    for (let i = 0; i < ids.length; i += IDS_PER_NOTIFY) {
      await sql`select pg_notify(${HINT_CHANNEL}, ${ids.slice(i, i + IDS_PER_NOTIFY).join(",")})`.catch(() => undefined);
    }
  }

  return {
    hint(orderId) {
      waiting.add(orderId);
      timer ??= setTimeout(() => void flush(), COLLECT_MS);
    },
    async close() {
      if (timer) clearTimeout(timer);
      await flush();
      await sql.end({ timeout: 2 });
    },
  };
}

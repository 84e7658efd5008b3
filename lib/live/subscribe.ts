import { openClient } from "@/db/open-client.ts";
import { EVERY_ORDER, HINT_CHANNEL } from "./hints.ts";

type Listener = (orderId: string | null) => void;
type Hub = { listeners: Set<Listener>; ready: Promise<unknown> };

const SLOT = Symbol.for("kopeyka.live");

/**
 * Calls `listener` with the id of each order that changed; with null when any may have (`EVERY_ORDER`) and after a reconnection,
 * because hints of the gap are lost: the page should read again. One LISTEN per process. Returns the function that unsubscribes.
 */
export async function subscribe(url: string, listener: Listener): Promise<() => void> {
  const holder = globalThis as { [SLOT]?: Hub };
  if (!holder[SLOT]) {
    const listeners = new Set<Listener>();
    const sql = openClient(url, { max: 1, onnotice: () => undefined, connection: { application_name: "kopeyka-live" } });
    const tell = (orderId: string | null) => {
      for (const each of listeners) each(orderId);
    };
    const ready = sql.listen(HINT_CHANNEL, (payload) => payload.split(",").forEach((id) => tell(id === EVERY_ORDER ? null : id)), () => tell(null));
    holder[SLOT] = { listeners, ready };
  }
  const { listeners, ready } = holder[SLOT];
  listeners.add(listener);
  await ready;
  return () => listeners.delete(listener);
}

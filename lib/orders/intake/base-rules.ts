/** What the settings of a 1C base say about taking its documents; `lib/onec/base-settings.ts` reads the rest of them. Pure. */
import { lifecycles } from "@/lib/orders/states.ts";
import type { Lifecycle } from "@/lib/orders/states.ts";

export type BaseRules = {
  /** Zone of the wall clock of the base; null = the shop's. */
  zone: string | null;
  /** CML-19: orders that we do not have are made here; null = the setting of all bases. */
  createOrders: boolean | null;
  /** 2.2: «Статус заказа» of the base, as `plainStatus` spells it, to our lifecycle. The raw text is shown beside it anyway. */
  statusMap: ReadonlyMap<string, Lifecycle>;
};

/** Texts of states are compared without regard to case, ё and spaces around. */
export const plainStatus = (text: string): string => text.trim().toLowerCase().replaceAll("ё", "е");

/** Settings as they are stored; what cannot be read counts as not said. */
export function baseRules(settings: Record<string, unknown>): BaseRules {
  const { zone, createOrders, statusMap } = settings;
  return {
    zone: typeof zone === "string" && isZone(zone) ? zone : null,
    createOrders: typeof createOrders === "boolean" ? createOrders : null,
    statusMap: new Map(Object.entries(isRecord(statusMap) ? statusMap : {}).flatMap(([text, name]) => {
      const lifecycle = lifecycles.find((each) => each === name);
      return lifecycle ? [[plainStatus(text), lifecycle] as const] : [];
    })),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const zones = new Map<string, boolean>();
function isZone(name: string): boolean {
  let known = zones.get(name);
  if (known === undefined) {
    try {
      new Intl.DateTimeFormat("en", { timeZone: name });
      known = true;
    } catch {
      known = false;
    }
    zones.set(name, known);
  }
  return known;
}

import type { OpenConnection } from "@/lib/connections/index.ts";
import { payMethods } from "@/lib/ledger/kinds.ts";
import type { PayMethodCode } from "@/lib/ledger/kinds.ts";
import { baseRules } from "@/lib/orders/intake/base-rules.ts";
import type { BaseRules } from "@/lib/orders/intake/base-rules.ts";
import { onecMethodNames } from "./method-names.ts";
import { queryFlavours } from "./states.ts";
import type { QueryFlavour } from "./wire/index.ts";

export const baseDoors = ["commerceml", "json", "paykeeper"] as const;
export type BaseDoor = (typeof baseDoors)[number];

/** How a pay method of ours is called in a base's table «Соответствие онлайн-оплат». */
export type OnecMethod = { id: string; name: string };

/** How one 1C base exchanges: `settings` of its connection over the defaults. */
export type BaseSettings = BaseRules & {
  /** Which doors its login and password open. Orders may come by each of them. */
  doors: BaseDoor[];
  /** The one door by which money goes back, so that nothing is booked twice in 1C; the column `money_channel` says the same. */
  moneyChannel: BaseDoor;
  /** CML-9: bytes per request, below every limit on the way. */
  fileLimitBytes: number;
  zip: boolean;
  /** Bytes of all files of one session (CML-11). The default takes 10 000 orders of five lines as УТ writes them (107 MB). */
  sessionLimitBytes: number;
  /** CML-30: which configuration reads our answers. What each of them can book: `lib/exports/by-hand.ts`, which reads `paymentStates` too. */
  flavour: QueryFlavour;
  /** CML-8: what to do with a goods catalogue that comes along. */
  catalog: "drop" | "refuse";
  /** CML-29. */
  ordersPerQuery: number;
  methodNames: Record<PayMethodCode, OnecMethod>;
  /** Methods that the base's owner named, and card and SBP anyway: what `mode=info` offers for mapping. */
  offeredMethods: PayMethodCode[];
  /** A rate of 0 in its files; null = the setting of all bases. */
  zeroRateMeans: "none" | "vat0" | null;
  /** Orders of an internet shop go to the base when they are made, or when money for them has come. */
  siteOrders: "at_once" | "when_paid";
};

const MIB = 1024 * 1024;

export function baseSettings({ settings }: Pick<OpenConnection, "settings">): BaseSettings {
  const number = (name: string, fallback: number, min: number, max: number) => {
    const value = Number(settings[name] ?? fallback);
    return Number.isSafeInteger(value) ? Math.min(Math.max(value, min), max) : fallback;
  };
  const given: unknown[] = Array.isArray(settings["doors"]) ? settings["doors"] : ["commerceml"];
  const doors = baseDoors.filter((door) => given.includes(door));
  const { zeroRateMeans } = settings;
  return {
    ...baseRules(settings),
    doors,
    moneyChannel: baseDoors.find((door) => door === settings["moneyChannel"]) ?? doors[0] ?? "paykeeper",
    fileLimitBytes: number("fileLimitBytes", MIB, 1024, 64 * MIB),
    zip: settings["zip"] === true,
    sessionLimitBytes: number("sessionLimitBytes", 128 * MIB, 1024, 1024 * MIB),
    flavour: queryFlavours.find((flavour) => flavour === settings["flavour"]) ?? "ut",
    catalog: settings["catalog"] === "refuse" ? "refuse" : "drop",
    ordersPerQuery: number("ordersPerQuery", 200, 1, 1_000),
    ...methodsOf(settings["methodNames"]),
    zeroRateMeans: zeroRateMeans === "none" || zeroRateMeans === "vat0" ? zeroRateMeans : null,
    siteOrders: settings["siteOrders"] === "when_paid" ? "when_paid" : "at_once",
  };
}

function methodsOf(given: unknown): Pick<BaseSettings, "methodNames" | "offeredMethods"> {
  const named = typeof given === "object" && given !== null ? (given as Record<string, unknown>) : {};
  const entries = payMethods.map((code) => [code, { id: code, name: onecMethodNames[code], ...textsOf(named[code]) }] as const);
  return {
    methodNames: Object.fromEntries(entries) as Record<PayMethodCode, OnecMethod>,
    offeredMethods: payMethods.filter((code) => code === "card" || code === "sbp" || textsOf(named[code]) !== null),
  };
}

function textsOf(value: unknown): Partial<OnecMethod> | null {
  if (typeof value !== "object" || value === null) return null;
  const { id, name } = value as Record<string, unknown>;
  return { ...(typeof id === "string" && id !== "" && { id }), ...(typeof name === "string" && name !== "" && { name }) };
}

/** Counts of the stock exchange are not compared where a programmer's JSON counts the same orders its own way. */
export const versionsOf = (base: Pick<OpenConnection, "settings">): { countsVersions: boolean } => ({ countsVersions: !baseSettings(base).doors.includes("json") });

import type { OpenConnection } from "@/lib/connections/index.ts";
import type { QueryFlavour } from "./wire/index.ts";

export const baseDoors = ["commerceml", "json", "paykeeper"] as const;
export type BaseDoor = (typeof baseDoors)[number];

/** How one 1C base exchanges: `settings` of its connection over the defaults. */
export type BaseSettings = {
  /** Which doors its login and password open. Orders may come by each of them. */
  doors: BaseDoor[];
  /** The one door by which money goes back, so that nothing is booked twice in 1C; the column `money_channel` says the same. */
  moneyChannel: BaseDoor;
  /** CML-9: bytes per request, below every limit on the way. */
  fileLimitBytes: number;
  zip: boolean;
  /** Bytes of all files of one session (CML-11). The default takes 10 000 orders of five lines as УТ writes them (107 MB). */
  sessionLimitBytes: number;
  /** CML-30. */
  flavour: QueryFlavour;
  /** CML-8: what to do with a goods catalogue that comes along. */
  catalog: "drop" | "refuse";
  /** CML-29. */
  ordersPerQuery: number;
};

const MIB = 1024 * 1024;

export function baseSettings({ settings }: Pick<OpenConnection, "settings">): BaseSettings {
  const number = (name: string, fallback: number, min: number, max: number) => {
    const value = Number(settings[name] ?? fallback);
    return Number.isSafeInteger(value) ? Math.min(Math.max(value, min), max) : fallback;
  };
  const given: unknown[] = Array.isArray(settings["doors"]) ? settings["doors"] : ["commerceml"];
  const doors = baseDoors.filter((door) => given.includes(door));
  return {
    doors,
    moneyChannel: baseDoors.find((door) => door === settings["moneyChannel"]) ?? doors[0] ?? "paykeeper",
    fileLimitBytes: number("fileLimitBytes", MIB, 1024, 64 * MIB),
    zip: settings["zip"] === true,
    sessionLimitBytes: number("sessionLimitBytes", 128 * MIB, 1024, 1024 * MIB),
    flavour: settings["flavour"] === "unf" ? "unf" : "ut",
    catalog: settings["catalog"] === "refuse" ? "refuse" : "drop",
    ordersPerQuery: number("ordersPerQuery", 200, 1, 1_000),
  };
}

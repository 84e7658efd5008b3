import type { OpenConnection } from "@/lib/connections/index.ts";
import type { QueryFlavour } from "./wire/index.ts";

/** How one 1C base exchanges: `settings` of its connection over the defaults. */
export type BaseSettings = {
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
  return {
    fileLimitBytes: number("fileLimitBytes", MIB, 1024, 64 * MIB),
    zip: settings["zip"] === true,
    sessionLimitBytes: number("sessionLimitBytes", 128 * MIB, 1024, 1024 * MIB),
    flavour: settings["flavour"] === "unf" ? "unf" : "ut",
    catalog: settings["catalog"] === "refuse" ? "refuse" : "drop",
    ordersPerQuery: number("ordersPerQuery", 200, 1, 1_000),
  };
}

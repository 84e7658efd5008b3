import type { OpenConnection } from "@/lib/connections/index.ts";

/** `settings` of a connection of kind `shop`. */
export type ShopSettings = {
  /** The 1C base that gets its orders. */
  onecConnectionId: string;
  /** Before our own numbers of its orders; with six digits it must fit 1C's eleven characters. */
  numberPrefix: string;
  /** Origins that a buyer may be sent back to, `https://shop.example`. */
  returnOrigins: string[];
  callsPerMinute: number;
};

export const NUMBER_MAX = 11;
export const PREFIX_MAX = 5;
const PREFIX_DEFAULT = "ИМ-";
/** A shop that polls every order of a busy hour stays far below. */
const PER_MINUTE = 600;

export function shopSettings({ settings }: Pick<OpenConnection, "settings">): ShopSettings {
  const { onecConnectionId, numberPrefix, returnUrls } = settings;
  const limit = Number(settings["callsPerMinute"] ?? PER_MINUTE);
  const given: unknown[] = Array.isArray(returnUrls) ? returnUrls : [];
  return {
    onecConnectionId: typeof onecConnectionId === "string" ? onecConnectionId : "",
    numberPrefix: typeof numberPrefix === "string" && numberPrefix.length <= PREFIX_MAX ? numberPrefix : PREFIX_DEFAULT,
    returnOrigins: given.flatMap((url) => (typeof url === "string" && URL.canParse(url) ? [new URL(url).origin] : [])),
    callsPerMinute: Number.isSafeInteger(limit) && limit > 0 ? limit : PER_MINUTE,
  };
}

import type { OpenConnection } from "@/lib/connections/index.ts";
import { isVatRate } from "@/lib/kit/vat.ts";
import type { VatRate } from "@/lib/kit/vat.ts";

export const billSubjects = ["goods", "service"] as const;
export type BillSubject = (typeof billSubjects)[number];

/** `settings.paykeeper` of a 1C base. */
export type BillSettings = {
  /** What the one line of a bill is for the receipt; null until somebody has chosen it knowingly (API-13). */
  line: { vatRate: VatRate; subject: BillSubject } | null;
  /** What `accept-cash` does: `book` = the till of 1C prints the receipt, we only take note of the money (domain 1.2). */
  cash: "refuse" | "book";
  /** Where payments are told in PayKeeper's manner; null = they are asked for. */
  notifyUrl: string | null;
};

/** Straight rates only: whether it is an advance is the payment's affair. */
export const billVatRates = ["vat22", "vat10", "vat7", "vat5", "vat0", "none"] as const satisfies readonly VatRate[];

export function billSettings({ settings }: Pick<OpenConnection, "settings">): BillSettings {
  const { vatRate, subject, cash, notifyUrl } = (typeof settings["paykeeper"] === "object" && settings["paykeeper"] !== null ? settings["paykeeper"] : {}) as Record<string, unknown>;
  const known = billSubjects.find((each) => each === subject);
  return {
    line: typeof vatRate === "string" && isVatRate(vatRate) && known ? { vatRate, subject: known } : null,
    cash: cash === "book" ? "book" : "refuse",
    notifyUrl: typeof notifyUrl === "string" && notifyUrl !== "" ? notifyUrl : null,
  };
}

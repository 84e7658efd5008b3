export type DocumentKind = "documents" | "corrections" | "correction12";

/** How the queued document will end; `pending` stays in the queue for ever. */
export type Fate = "done" | "422" | "524" | "pending";

export type StoredDocument = {
  kind: DocumentKind;
  inn: string;
  id: string;
  group: string;
  meta: string | null;
  callbackUrl: string | null;
  content: Record<string, unknown>;
  /** Sum of the receipt in kopecks. */
  total: bigint;
  change: bigint;
  takenAt: number;
  readyAt: number;
  fate: Fate;
  fiscal: FiscalData | null;
};

export type FiscalData = {
  deviceSN: string;
  deviceRN: string;
  fsNumber: string;
  documentNumber: number;
  shiftNumber: number;
  documentIndex: number;
  /** Local (Moscow) time of the register, no zone. */
  processedAt: string;
  fp: string;
};

export type Register = {
  deviceSN: string;
  deviceRN: string;
  fsNumber: string;
  documentNumber: number;
  shiftNumber: number;
  shiftDay: string;
  documentIndex: number;
  /** When it is free again: one receipt a second. */
  freeAt: number;
};

export type Organization = { inn: string; name: string };

export type OrangeState = {
  documents: Record<string, StoredDocument>;
  /** By `inn/group`. */
  registers: Record<string, Register>;
  organizations: Organization[];
  /** Verification keys by the `key` field of the body, PEM. */
  keys: Record<string, string>;
  settings: { minDelayMs: number; maxDelayMs: number };
};

export const GROUPS = ["Main", "Main_2"];

export function freshOrange(): OrangeState {
  return {
    documents: {},
    registers: {},
    organizations: [
      { inn: "9900000017", name: "ООО «Строй-Дом»" },
      { inn: "990000000299", name: "ИП Кузнецова Ольга Игоревна" },
    ],
    keys: {},
    settings: { minDelayMs: 1000, maxDelayMs: 3000 },
  };
}

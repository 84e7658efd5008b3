/** Documents that say only what changed (API-18), and what they can turn out to be. */
import type { DraftBuyer, OrderDraft, RawPayload, ReadOrder } from "@/lib/onec/wire/order-draft.ts";
import type { KnownOrder } from "./known-orders.ts";

/** The order as it stands: `draft` is the document that would make it, its content hash left empty. */
export type StandingOrder = { known: KnownOrder; draft: OrderDraft };

/** Decided before anything is planned: nothing new. */
export type SettledDocument = { kind: "settled"; onecRef: string; number: string; orderId: string; reason?: string; warnings: string[]; /** 1C counted on although nothing else changed. */ version?: number };

/** What intake plans with, once patches are resolved. */
export type IntakeDocument = ReadOrder | SettledDocument;

export type PatchWorld = {
  /** The buyer that the patch names, as we know him. */
  buyer: DraftBuyer | null;
  /** Zone of the base's wall clock. */
  zone: string;
  now: Date;
};

/** Identity is 1C's GUID, else our own id, else the number of an order that no document of 1C has yet (API-15). */
export type OrderPatch = {
  kind: "patch";
  onecRef: string;
  number: string;
  orderId: string | null;
  buyerRef: string | null;
  /** Lines that it brings; batches are bounded by them. */
  lineCount: number;
  /** It tells of money that 1C gave back. */
  namesRefund: boolean;
  /** The document as it came, for the journal. */
  raw: RawPayload;
  /** What the document makes of the order as it stands, under the intake lock. Pure; null = we do not have it. */
  resolve(standing: StandingOrder | null, world: PatchWorld): IntakeDocument;
};

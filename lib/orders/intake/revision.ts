/** Lines and total of one upload as a revision of its order. Pure. */
import { createHash } from "node:crypto";
import { sum } from "@/lib/kit/money.ts";
import type { DraftBuyer, DraftLine, OrderDraft } from "@/lib/onec/wire/order-draft.ts";
import type { EchoLine } from "@/lib/onec/wire/types.ts";

/** What `query` needs to give the order back as it came (commerceml.md 7, point 5). */
export type RevisionSource = {
  vatIncluded: boolean;
  vatKopecks: string;
  /** Only of a buyer without a row of its own. */
  buyer: DraftBuyer | null;
  lines: EchoLine[];
};

/** `sourceJson` is a RevisionSource as text: it is hashed and stored, and made once. */
export type NewRevision = { no: number; totalKopecks: bigint; vatKopecks: bigint; hash: string; sourceJson: string; lines: DraftLine[] };

/** `no`: the number that it gets if it is another one than the present (by `hash`). */
export function revisionOf(draft: OrderDraft, no: number): NewRevision {
  const source: RevisionSource = {
    vatIncluded: draft.vatIncluded,
    vatKopecks: sum(draft.lines.map((line) => line.vatKopecks)).toString(),
    buyer: draft.buyer.ref === null ? draft.buyer : null,
    lines: draft.lines.map((line) => line.echo),
  };
  // Cancelled lines stay in the echo and in nothing else (CML-18).
  const lines = draft.lines.filter((line) => line.included);
  const facts = lines.map((line) => `${line.position} ${line.sumKopecks} ${line.vat} ${line.vatKopecks}`).join("\n");
  const sourceJson = JSON.stringify(source);
  const hash = createHash("sha256").update(`${draft.totalKopecks} ${draft.linesMatchTotal}\n${facts}\n`).update(sourceJson).digest("hex");
  return { no, totalKopecks: draft.totalKopecks, vatKopecks: sum(lines.map((line) => line.vatKopecks)), hash, sourceJson, lines };
}

/** What an upload changed in the lines of an order, line by line. Pure. */
import { formatMoney, formatQuantity } from "@/lib/kit/format.ts";
import type { DraftLine } from "@/lib/onec/wire/order-draft.ts";
import type { FieldChange } from "@/lib/onec-messages/states.ts";

/** A line of the revision that stood until now. */
export type OldLine = { position: number; ref: string | null; name: string; quantity: string; unitName: string | null; priceKopecks: bigint; sumKopecks: bigint; vat: string };
type NewLine = Pick<DraftLine, "position" | "ref" | "name" | "quantity" | "unitName" | "priceKopecks" | "sumKopecks" | "vat">;

type Aspect = { key: "quantity" | "price" | "sum" | "vat" | "name"; label: string; before: string; after: string };
export type LineChange =
  | { kind: "changed"; position: number; aspects: Aspect[] }
  | { kind: "added" | "removed"; position: number; name: string; sumKopecks: bigint };

const vatLabel = (rate: string): string => (rate === "none" ? "без НДС" : `НДС ${rate.replace("vat", "")}\u00A0%`);

/** Lines are the same when their goods are, else when their places are; a line that only moved is no change. */
export function compareLines(before: readonly OldLine[], after: readonly NewLine[]): LineChange[] {
  const left = new Set(before);
  const pairs = new Map<NewLine, OldLine>();
  const pairBy = (keyOf: (line: OldLine | NewLine) => string | null) => {
    const waiting = new Map<string, OldLine[]>();
    for (const old of left) {
      const key = keyOf(old);
      if (key !== null) waiting.set(key, [...(waiting.get(key) ?? []), old]);
    }
    for (const line of after) {
      const key = pairs.has(line) ? null : keyOf(line);
      const old = key === null ? undefined : waiting.get(key)?.shift();
      if (!old) continue;
      pairs.set(line, old);
      left.delete(old);
    }
  };
  pairBy((line) => `${line.position} ${goodsOf(line)}`);
  pairBy(goodsOf);
  // Without references only the place tells that a line got another name.
  pairBy((line) => (line.ref ? null : String(line.position)));
  const changes = after.flatMap((line): LineChange[] => {
    const old = pairs.get(line);
    if (!old) return [{ kind: "added", position: line.position, name: line.name, sumKopecks: line.sumKopecks }];
    const aspects = aspectsOf(old, line);
    return aspects.length === 0 ? [] : [{ kind: "changed", position: line.position, aspects }];
  });
  return [...changes, ...[...left].map((old): LineChange => ({ kind: "removed", position: old.position, name: old.name, sumKopecks: old.sumKopecks }))];
}

const goodsOf = (line: OldLine | NewLine): string => (line.ref ? line.ref : `name:${line.name}`);

function aspectsOf(old: OldLine, line: NewLine): Aspect[] {
  const aspects: Aspect[] = [];
  const add = (key: Aspect["key"], label: string, before: string, after: string) => {
    if (before !== after) aspects.push({ key, label, before, after });
  };
  add("name", "название", old.name, line.name);
  add("quantity", "количество", formatQuantity(old.quantity, old.unitName ?? undefined), formatQuantity(line.quantity, line.unitName ?? undefined));
  add("price", "цена", formatMoney(old.priceKopecks), formatMoney(line.priceKopecks));
  add("sum", "сумма", formatMoney(old.sumKopecks), formatMoney(line.sumKopecks));
  add("vat", "НДС", vatLabel(old.vat), vatLabel(line.vat));
  return aspects;
}

/** For the table of differences; 1C owns every line. */
export const lineRows = (changes: readonly LineChange[]): FieldChange[] =>
  changes.flatMap((change): FieldChange[] => {
    const label = `Строка ${change.position}`;
    if (change.kind !== "changed") {
      const text = `${change.name}, ${formatMoney(change.sumKopecks)}`;
      return [{ field: "lines", label, owner: "onec", before: change.kind === "removed" ? text : null, after: change.kind === "added" ? text : null }];
    }
    return change.aspects.map((aspect) => ({ field: "lines", label: `${label}: ${aspect.label}`, owner: "onec", before: aspect.before, after: aspect.after }));
  });

const accusative: Record<Aspect["key"], string> = { quantity: "количество", price: "цену", sum: "сумму", vat: "ставку НДС", name: "название" };
const bare = (quantity: string): string => quantity.split("\u00A0")[0]!;

/** «изменила количество в строке 2: 3 → 2»; null when no line changed. */
export function linesPhrase(changes: readonly LineChange[]): string | null {
  const [only] = changes;
  if (!only) return null;
  if (changes.length === 1) {
    if (only.kind !== "changed") return `${only.kind === "added" ? "добавила" : "убрала"} строку ${only.position}: ${short(only.name)}, ${formatMoney(only.sumKopecks)}`;
    // A new quantity or price moves the sum by itself.
    const [first, second] = only.aspects.filter((aspect) => aspect.key !== "sum");
    if (!first) return `изменила сумму в строке ${only.position}: ${only.aspects[0]!.before} → ${only.aspects[0]!.after}`;
    if (!second) return `изменила ${accusative[first.key]} в строке ${only.position}: ${short(first.key === "quantity" ? bare(first.before) : first.before)} → ${short(first.key === "quantity" ? bare(first.after) : first.after)}`;
    return `изменила строку ${only.position}: ${[first, second].map((aspect) => `${aspect.label} ${short(aspect.before)} → ${short(aspect.after)}`).join(", ")}`;
  }
  const count = (kind: LineChange["kind"]) => changes.filter((change) => change.kind === kind).length;
  const said = ([["changed", "изменено"], ["added", "добавлено"], ["removed", "убрано"]] as const).flatMap(([kind, word]) => (count(kind) > 0 ? [`${word} ${count(kind)}`] : []));
  return `изменила строки: ${said.join(", ")}`;
}

const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

/**
 * Which elements of a document we read, said as data. Whatever a shape does not name is skipped without being stored,
 * wherever it stands (CML-17: unknown elements are skipped, order does not matter).
 */
export type Field =
  | { kind: "text"; key: string }
  | { kind: "texts"; key: string }
  /** A wrapper (`Товары`): its children belong to the parent. */
  | { kind: "into"; shape: Shape }
  | { kind: "one"; key: string; shape: Shape }
  | { kind: "many"; key: string; shape: Shape };

export type Shape = {
  fields: ReadonlyMap<string, Field>;
  attributes?: ReadonlyMap<string, string>;
  /** Key that takes the element's own text. */
  text?: string;
};

export const text = (key: string): Field => ({ kind: "text", key });
export const texts = (key: string): Field => ({ kind: "texts", key });
export const into = (inner: Shape): Field => ({ kind: "into", shape: inner });
export const one = (key: string, inner: Shape): Field => ({ kind: "one", key, shape: inner });
export const many = (key: string, inner: Shape): Field => ({ kind: "many", key, shape: inner });

export function shape(fields: Record<string, Field>, own: { attributes?: Record<string, string>; text?: string } = {}): Shape {
  return {
    fields: new Map(Object.entries(fields)),
    ...(own.attributes && { attributes: new Map(Object.entries(own.attributes)) }),
    ...(own.text !== undefined && { text: own.text }),
  };
}

export type Collected = Record<string, unknown>;

export type Collector = {
  open(localName: string, attributes: Record<string, string>): void;
  text(piece: string): void;
  /** True when the element that `begin` started is complete. */
  close(): boolean;
};

/** Fills one object from the elements below the element it was started on. `tooLong` is called past `textMax` characters and must throw. */
export function createCollector(root: Shape, target: Collected, textMax: number, tooLong: () => never): Collector {
  const shapes: Shape[] = [root];
  const targets: Collected[] = [target];
  let leaf: Extract<Field, { kind: "text" | "texts" }> | null = null;
  let value = "";
  let skipped = 0;

  const push = (next: Shape, owner: Collected, attributes: Record<string, string>) => {
    if (next.attributes) {
      for (const [name, key] of next.attributes) {
        const given = attributes[name]?.trim();
        if (given) owner[key] = given;
      }
    }
    shapes.push(next);
    targets.push(owner);
  };

  return {
    open(localName, attributes) {
      const field = skipped > 0 || leaf ? undefined : shapes.at(-1)!.fields.get(localName);
      if (!field) {
        skipped += 1;
        return;
      }
      const parent = targets.at(-1)!;
      if (field.kind === "text" || field.kind === "texts") {
        leaf = field;
        value = "";
      } else if (field.kind === "into") {
        push(field.shape, parent, attributes);
      } else {
        const child: Collected = {};
        if (field.kind === "one") parent[field.key] = child;
        else listOf(parent, field.key).push(child);
        push(field.shape, child, attributes);
      }
    },

    text(piece) {
      if (skipped > 0) return;
      if (leaf) {
        value += piece;
        if (value.length > textMax) tooLong();
        return;
      }
      const key = shapes.at(-1)!.text;
      if (key === undefined) return;
      const owner = targets.at(-1)!;
      const before = owner[key];
      const joined = ((typeof before === "string" ? before : "") + piece).trim();
      if (joined.length > textMax) tooLong();
      if (joined) owner[key] = joined;
    },

    close() {
      if (skipped > 0) {
        skipped -= 1;
        return false;
      }
      if (leaf) {
        const whole = value.trim();
        const owner = targets.at(-1)!;
        if (leaf.kind === "texts") listOf(owner, leaf.key).push(whole);
        else if (whole) owner[leaf.key] = whole;
        leaf = null;
        return false;
      }
      shapes.pop();
      targets.pop();
      return shapes.length === 0;
    },
  };
}

function listOf(owner: Collected, key: string): unknown[] {
  const found = owner[key];
  if (Array.isArray(found)) return found;
  const list: unknown[] = [];
  owner[key] = list;
  return list;
}

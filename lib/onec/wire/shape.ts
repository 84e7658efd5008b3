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
  attributes: readonly (readonly [string, string])[];
  /** Key that takes the element's own text. */
  text: string | undefined;
};

export const text = (key: string): Field => ({ kind: "text", key });
export const texts = (key: string): Field => ({ kind: "texts", key });
export const into = (inner: Shape): Field => ({ kind: "into", shape: inner });
export const one = (key: string, inner: Shape): Field => ({ kind: "one", key, shape: inner });
export const many = (key: string, inner: Shape): Field => ({ kind: "many", key, shape: inner });

export function shape(fields: Record<string, Field>, own: { attributes?: Record<string, string>; text?: string } = {}): Shape {
  return {
    fields: new Map(Object.entries(fields)),
    attributes: Object.entries(own.attributes ?? {}),
    text: own.text,
  };
}

export type Collected = Record<string, unknown>;

/** Fills one object from the elements below the element it was begun on. One collector serves all documents of a file. */
export class Collector {
  private readonly root: Shape;
  private readonly textMax: number;
  private readonly tooLong: () => void;
  private readonly shapes: Shape[] = [];
  private readonly owners: Collected[] = [];
  private here: Shape;
  private owner: Collected = {};
  private leaf: Extract<Field, { kind: "text" | "texts" }> | null = null;
  private value = "";
  private skipped = 0;

  /** `tooLong` is called for a text of more than `textMax` characters, which is not kept. */
  constructor(root: Shape, textMax: number, tooLong: () => void) {
    this.root = root;
    this.here = root;
    this.textMax = textMax;
    this.tooLong = tooLong;
  }

  /** Whatever was begun before and not completed is let go. */
  begin(target: Collected): void {
    this.here = this.root;
    this.owner = target;
    this.shapes.length = 0;
    this.owners.length = 0;
    this.leaf = null;
    this.skipped = 0;
  }

  open(localName: string, attributes: Readonly<Record<string, string>>): void {
    const field = this.skipped > 0 || this.leaf !== null ? undefined : this.here.fields.get(localName);
    if (field === undefined) {
      this.skipped += 1;
    } else if (field.kind === "text" || field.kind === "texts") {
      this.leaf = field;
      this.value = "";
    } else if (field.kind === "into") {
      this.enter(field.shape, this.owner, attributes);
    } else {
      const child: Collected = {};
      if (field.kind === "one") this.owner[field.key] = child;
      else listOf(this.owner, field.key).push(child);
      this.enter(field.shape, child, attributes);
    }
  }

  private enter(next: Shape, owner: Collected, attributes: Readonly<Record<string, string>>): void {
    for (const [name, key] of next.attributes) {
      const given = attributes[name]?.trim();
      if (given) owner[key] = given;
    }
    this.shapes.push(this.here);
    this.owners.push(this.owner);
    this.here = next;
    this.owner = owner;
  }

  /** False: a text that comes now is passed over. */
  wantsText(): boolean {
    return this.skipped === 0 && (this.leaf !== null || this.here.text !== undefined);
  }

  text(piece: string): void {
    if (this.leaf !== null) {
      if (this.value.length + piece.length > this.textMax) this.tooLong();
      else this.value = this.value === "" ? piece : this.value + piece;
      return;
    }
    const key = this.here.text;
    if (key === undefined) return;
    const before = this.owner[key];
    const joined = ((typeof before === "string" ? before : "") + piece).trim();
    if (joined.length > this.textMax) this.tooLong();
    else if (joined) this.owner[key] = joined;
  }

  /** True when the element that `begin` started is complete. */
  close(): boolean {
    if (this.skipped > 0) {
      this.skipped -= 1;
      return false;
    }
    const { leaf } = this;
    if (leaf !== null) {
      const whole = this.value.trim();
      if (leaf.kind === "texts") listOf(this.owner, leaf.key).push(whole);
      else if (whole) this.owner[leaf.key] = whole;
      this.leaf = null;
      return false;
    }
    if (this.shapes.length === 0) return true;
    this.here = this.shapes.pop()!;
    this.owner = this.owners.pop()!;
    return false;
  }
}

function listOf(owner: Collected, key: string): unknown[] {
  const found = owner[key];
  if (Array.isArray(found)) return found;
  const list: unknown[] = [];
  owner[key] = list;
  return list;
}

/**
 * XML 1.0 as tags and texts, piece by piece, of UTF-8 that was checked before. Every order file passes here, so it is written for
 * speed: it walks over bytes, knows tags and words again by a hash counted on the way, and makes text only of what somebody wants.
 * It reads and refuses what saxes reads and refuses: xml-tokens.test.ts compares them.
 */
import { ByteWords, mixHash } from "./byte-words.ts";
import { characterOf, hasForbiddenCharacter, isXmlDeclaration, isXmlName } from "./xml-names.ts";
import { readTag, type XmlTag } from "./xml-tag.ts";

export type XmlFault = "cut" | "empty" | "entity" | "character" | "doctype" | "markup" | "long";

export type XmlSink = {
  /** Asked before a text is decoded. */
  wantsText(): boolean;
  open(tag: XmlTag): void;
  text(piece: string): void;
  close(): void;
  /** Must throw. */
  fail(fault: XmlFault): never;
};

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const BANG = 33;
const AMP = 38;
const SLASH = 47;
const LESS = 60;
const GREATER = 62;
const QUESTION = 63;
const BRACKET = 93;
/** Begins the two characters past U+FFFD that XML does not have. */
const EF = 0xef;

const NOTHING: Buffer = Buffer.alloc(0);
const TAG_SLOTS = 1_024;
const TAG_BYTES_MAX = 300;
const declarations = [["<!--", "comment"], ["<![CDATA[", "cdata"], ["<!DOCTYPE", "doctype"]] as const;

/** A class, not a closure: V8 then knows the constants above when it compiles the loops. */
export class XmlTokens {
  private readonly sink: XmlSink;
  private readonly tokenBytesMax: number;
  private bytes = NOTHING;
  private atStart = true;
  private hasRoot = false;
  private readonly openTags: XmlTag[] = [];
  /** Bytes before those that are held. */
  private before = 0;
  /** Where in the file the tag begins that was opened last, and the byte after the one that was closed last. */
  openedAt = 0;
  closedAt = 0;
  private readonly words = new ByteWords();
  private readonly tags: (XmlTag | null)[] = Array.from({ length: TAG_SLOTS }, () => null);

  /** `tokenBytesMax`: a tag, text or comment that does not end within so many bytes fails as "long". */
  constructor(sink: XmlSink, tokenBytesMax: number) {
    this.sink = sink;
    this.tokenBytesMax = tokenBytesMax;
  }

  /** UTF-8 that does not end inside a character. */
  write(chunk: Buffer): void {
    if (chunk.length === 0) return;
    this.bytes = this.bytes.length > 0 ? Buffer.concat([this.bytes, chunk]) : chunk;
    const done = this.scan();
    if (done > 0) this.atStart = false;
    this.bytes = this.bytes.subarray(done);
    this.before += done;
    if (this.bytes.length > this.tokenBytesMax) this.sink.fail("long");
  }

  /** Everything before this byte of the file was understood. */
  get readTo(): number {
    return this.before;
  }

  end(): void {
    const rest = this.bytes.toString().trim();
    if (!this.hasRoot && rest === "") this.sink.fail("empty");
    if (this.openTags.length > 0 || rest.startsWith("<")) this.sink.fail("cut");
    if (rest !== "") this.sink.fail("markup");
  }

  /** Position of the first token that is not complete. */
  private scan(): number {
    const { bytes } = this;
    const { length } = bytes;
    let i = 0;
    for (;;) {
      const from = i;
      let c = 0;
      while (i < length && ((c = bytes[i]!) === LF || c === TAB || c === SPACE || c === CR)) i++;
      if (i >= length) return from;
      if (c !== LESS || (i > from && this.openTags.length > 0 && this.sink.wantsText())) {
        if (this.openTags.length === 0) this.sink.fail("markup");
        const less = this.characters(from);
        if (less < 0) return from;
        i = less;
      }
      if (i + 1 >= length) return i;
      const second = bytes[i + 1]!;
      const next = second === SLASH ? this.closeTag(i) : second === BANG ? this.declared(i) : second === QUESTION ? this.instruction(i, this.atStart && i === 0) : this.openTag(i);
      if (next < 0) return i;
      this.atStart = false;
      i = next;
    }
  }

  /** The text that begins at `from`; position of the `<` after it, -1: it is not there yet. */
  private characters(from: number): number {
    const { bytes } = this;
    const { length } = bytes;
    let all = 0;
    let hash = 0;
    let isPlain = true;
    let i = from;
    for (; i < length; i++) {
      const c = bytes[i]!;
      if (c === LESS) break;
      all |= c;
      hash = mixHash(hash, c);
      if (c < SPACE ? c !== LF && c !== TAB : c === AMP || c === BRACKET || c === EF) isPlain = false;
    }
    if (i >= length) return -1;
    const isWanted = this.sink.wantsText();
    if (isPlain) {
      if (isWanted) this.sink.text(this.words.text(bytes, from, i, hash, all < 0x80));
      return i;
    }
    const text = this.checked(bytes.toString("utf8", from, i));
    if (text.includes("]]>")) this.sink.fail("markup");
    const piece = this.resolved(text.replaceAll(/\r\n?/g, "\n"));
    if (isWanted) this.sink.text(piece);
    return i;
  }

  private checked(text: string): string {
    if (hasForbiddenCharacter(text)) this.sink.fail("character");
    return text;
  }

  private resolved(text: string): string {
    return text.replaceAll(/&([^;]*)(;?)/g, (_, entity: string, end: string) => {
      const character = end === "" ? undefined : characterOf(entity);
      return character ?? this.sink.fail(character === null && isXmlName(entity) ? "entity" : "markup");
    });
  }

  /** Position after the tag that begins at `at`; -1: it is not complete. */
  private openTag(at: number): number {
    const { bytes } = this;
    const length = Math.min(bytes.length, at + TAG_BYTES_MAX);
    let hash = 0;
    let close = at + 1;
    while (close < length && bytes[close] !== GREATER) hash = mixHash(hash, bytes[close++]!);
    const slot = (hash ^ (hash >>> 15)) & (TAG_SLOTS - 1);
    let tag = close < length ? this.tags[slot]! : null;
    let next = close + 1;
    if (tag === null || !this.isAt(tag.written, tag.written.length, at + 1) || close - at - 1 !== tag.written.length) {
      const read = readTag(bytes, at + 1, (value) => this.resolved(this.checked(value)));
      if (read === "incomplete") return -1;
      if (read === "broken") return this.sink.fail("markup");
      ({ tag, next } = read);
      if (next === close + 1) this.tags[slot] = tag;
    }
    if (this.openTags.length === 0 && this.hasRoot) this.sink.fail("markup");
    this.hasRoot = true;
    this.openedAt = this.before + at;
    this.closedAt = this.before + next;
    this.sink.open(tag);
    if (tag.isEmpty) this.sink.close();
    else this.openTags.push(tag);
    return next;
  }

  private isAt(wanted: Uint8Array, length: number, at: number): boolean {
    const { bytes } = this;
    for (let i = 0; i < length; i++) if (bytes[at + i] !== wanted[i]) return false;
    return true;
  }

  private closeTag(at: number): number {
    const { bytes } = this;
    const tag = this.openTags.at(-1);
    if (tag === undefined) return this.sink.fail("markup");
    let end = at + 2 + tag.nameLength;
    // `</name >` is allowed.
    while (end < bytes.length && bytes[end] !== GREATER && bytes[end]! <= SPACE) end++;
    if (end >= bytes.length) return bytes.includes(GREATER, at) ? this.sink.fail("markup") : -1;
    if (bytes[end] !== GREATER || !this.isAt(tag.written, tag.nameLength, at + 2)) this.sink.fail("markup");
    this.openTags.pop();
    this.closedAt = this.before + end + 1;
    this.sink.close();
    return end + 1;
  }

  private comment(at: number): number {
    const { bytes } = this;
    const end = bytes.indexOf("--", at + 4);
    if (end < 0 || end + 2 >= bytes.length) return -1;
    if (bytes[end + 2] !== GREATER) this.sink.fail("markup");
    this.checked(bytes.toString("utf8", at, end));
    return end + 3;
  }

  private cdata(at: number): number {
    const { bytes } = this;
    const end = bytes.indexOf("]]>", at + 9);
    if (end < 0) return -1;
    if (this.openTags.length === 0) this.sink.fail("markup");
    const text = this.checked(bytes.toString("utf8", at + 9, end));
    if (text !== "" && this.sink.wantsText()) this.sink.text(text.replaceAll(/\r\n?/g, "\n"));
    return end + 3;
  }

  private instruction(at: number, isFirst: boolean): number {
    const { bytes } = this;
    const end = bytes.indexOf("?>", at + 2);
    if (end < 0) return -1;
    const text = this.checked(bytes.toString("utf8", at, end + 2));
    const target = /^<\?([^ \t\r\n?]*)/.exec(text)![1]!;
    if (target.toLowerCase() === "xml" ? !isFirst || !isXmlDeclaration(text) : !isXmlName(target)) this.sink.fail("markup");
    return end + 2;
  }

  private declared(at: number): number {
    const { bytes } = this;
    const head = bytes.toString("latin1", at, at + 9);
    for (const [word, read] of declarations) {
      if (head.startsWith(word)) return read === "doctype" ? this.sink.fail("doctype") : read === "comment" ? this.comment(at) : this.cdata(at);
      if (word.startsWith(head)) return -1;
    }
    return this.sink.fail("markup");
  }
}

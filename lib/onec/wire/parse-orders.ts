/**
 * Order files of 1C as a stream (CML-17): one document at a time, bounded memory, no DTD, no entities but the five of XML.
 * Namespaces and prefixes are ignored; containers of CommerceML 3.1 are walked as if their documents stood at the root.
 */
import { createContainer } from "./container.ts";
import { createExchangeDecoder } from "./encoding.ts";
import { rememberBytes } from "./document-text.ts";
import { MalformedExchangeFile } from "./malformed.ts";
import { documentShape, type RawDocument } from "./raw-document.ts";
import { Collector, type Collected } from "./shape.ts";
import { toDocument } from "./to-document.ts";
import type { OnecDocument } from "./types.ts";
import type { XmlTag } from "./xml-tag.ts";
import { XmlTokens, type XmlFault } from "./xml-tokens.ts";

export type ParseLimits = {
  depthMax: number;
  /** Characters in one element that is kept; about so many in an attribute, comment or tag. */
  textMax: number;
  attributesMax: number;
  elementsPerDocumentMax: number;
  documentBytesMax: number;
  documentsMax: number;
};

/** An order of 10 000 lines has about 310 000 elements and 22 MB; the official schema is 8 levels deep and its longest text has 3 000 characters. */
export const defaultParseLimits: ParseLimits = {
  depthMax: 32,
  textMax: 20_000,
  attributesMax: 32,
  elementsPerDocumentMax: 500_000,
  documentBytesMax: 40_000_000,
  documentsMax: 100_000,
};

export type OrderParser = {
  /** Documents completed by these bytes. What is wrong after a complete document is thrown by the next call. @throws MalformedExchangeFile */
  write(chunk: Uint8Array): OnecDocument[];
  /** @throws MalformedExchangeFile when the file is cut off or is no order file. */
  end(): OnecDocument[];
};

const rootName = "КоммерческаяИнформация";
const catalogNames = new Set(["Каталог", "ПакетПредложений", "ИзмененияПакетаПредложений", "ИзмененияКаталога"]);

export function createOrderParser(limits: ParseLimits = defaultParseLimits): OrderParser {
  const decoder = createExchangeDecoder();
  let complete: OnecDocument[] = [];
  let failure: MalformedExchangeFile | null = null;

  let depth = 0;
  let elements = 0;
  let documents = 0;
  /** Depth of a root child that is neither a document nor a container. */
  let skippedFrom = 0;
  let raw: RawDocument | null = null;
  let isInside = false;
  let documentBytes = 0;
  let documentDepth = 0;
  /** Why the open document is refused; the rest of it is passed over, the rest of the file is read (CML-23). */
  let refusing: string | null = null;
  let sawCatalogue = false;
  let ended = false;
  const container = createContainer((document) => void complete.push(document));
  /** Bytes from the present document, or from the tag that is not complete yet; the first one's place in the file. */
  let pieces: Buffer[] = [];
  let piecesFrom = 0;
  let documentFrom = 0;

  const fail = (reason: string): never => {
    container.flush();
    throw new MalformedExchangeFile(reason);
  };
  const longText = `Слишком длинный текст в элементе, больше ${limits.textMax} знаков`;
  const refuse = (reason: string) => {
    if (refusing !== null || !raw) return;
    refusing = reason;
    const { id, number, operation } = raw;
    raw = { ...(id !== undefined && { id }), ...(number !== undefined && { number }), ...(operation !== undefined && { operation }) };
    // What it has gathered is let go.
    collector.begin({});
  };

  const collector = new Collector(documentShape, limits.textMax, () => refuse(longText));

  const openOutside = (tag: XmlTag) => {
    if (skippedFrom > 0) return;
    if (depth === 1) {
      if (tag.name !== rootName) fail(`Это не файл CommerceML: корневой элемент «${tag.name.slice(0, 40)}»`);
      if (/^1[.,]/.test(tag.attributes["ВерсияСхемы"] ?? "")) failVersion1();
    } else if (tag.name === "Документ") {
      documents += 1;
      if (documents > limits.documentsMax) fail(`В файле больше ${limits.documentsMax} документов`);
      elements = 0;
      documentBytes = 0;
      documentDepth = depth;
      refusing = null;
      documentFrom = xml.openedAt;
      const target: Collected = {};
      raw = target;
      if (tag.attributes["ХозОперация"] !== undefined) failVersion1();
      isInside = true;
      collector.begin(target);
    } else if (tag.name === "Контейнер" && depth === 2) {
      container.open();
    } else {
      // A catalogue beside orders is passed over; a file of nothing else is told so at its end.
      sawCatalogue ||= catalogNames.has(tag.name);
      skippedFrom = depth;
    }
  };
  const failVersion1 = () => fail("CommerceML 1 не поддерживается, нужна версия 2.03 или новее");

  const xml = new XmlTokens(
    {
      wantsText: () => isInside && refusing === null && collector.wantsText(),
      open(tag) {
        depth += 1;
        if (depth > limits.depthMax) fail(`Слишком глубокая вложенность, больше ${limits.depthMax} уровней`);
        if (tag.attributeCount > limits.attributesMax) fail(`Слишком много атрибутов, больше ${limits.attributesMax}`);
        if (!isInside) return openOutside(tag);
        elements += 1;
        if (elements > limits.elementsPerDocumentMax) refuse(`Слишком большой документ, больше ${limits.elementsPerDocumentMax} элементов`);
        if (refusing === null) collector.open(tag.name, tag.attributes);
      },
      text(piece) {
        collector.text(piece);
      },
      close() {
        if (isInside) {
          if (refusing === null ? collector.close() : depth === documentDepth) {
            const document = toDocument(raw!, container.no());
            if (refusing !== null) document.problem = refusing;
            else rememberBytes(document, sliceOf(pieces, documentFrom - piecesFrom, xml.closedAt - piecesFrom));
            container.place(document);
            refusing = null;
            isInside = false;
            raw = null;
            elements = 0;
          }
        } else if (skippedFrom === depth) {
          skippedFrom = 0;
        } else if (depth === 2 && container.no() !== null) {
          container.close();
        }
        depth -= 1;
      },
      fail: (fault) => fail(fault === "long" ? longText : reasons[fault]),
    },
    // Most letters of a Russian file take two bytes.
    2 * limits.textMax + 2 * pieceBytes,
  );

  let hasBegun = false;
  const feed = (given: Buffer) => {
    // Some tools write a mark twice, or a line end before the declaration; XML forbids both and nothing is meant by them.
    const bytes = hasBegun ? given : given.subarray(blankBytes(given));
    if (bytes.length > 0) hasBegun = true;
    documentBytes += bytes.length;
    while (pieces.length > 0 && piecesFrom + pieces[0]!.length <= (isInside && refusing === null ? documentFrom : xml.readTo)) piecesFrom += pieces.shift()!.length;
    pieces.push(bytes);
    xml.write(bytes);
    if (isInside && documentBytes > limits.documentBytesMax) refuse("Слишком большой документ");
  };

  const run = (step: () => void): OnecDocument[] => {
    if (failure) throw failure;
    try {
      step();
    } catch (error) {
      if (!(error instanceof MalformedExchangeFile)) throw error;
      failure = error;
      if (complete.length === 0) throw error;
    }
    const ready = complete;
    complete = [];
    return ready;
  };

  return {
    write: (chunk) =>
      run(() => {
        for (let from = 0; from < chunk.length; from += pieceBytes) feed(decoder.write(chunk.subarray(from, from + pieceBytes)));
      }),
    end: () =>
      run(() => {
        if (ended) return;
        ended = true;
        feed(decoder.end());
        xml.end();
        if (sawCatalogue && documents === 0) fail("Это файл каталога товаров, а не заказов");
      }),
  };
}

/** How many bytes from the start are byte order marks and white space. */
function blankBytes(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length) {
    const byte = bytes[at]!;
    if (byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d) at += 1;
    else if (byte === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf) at += 3;
    else break;
  }
  return at;
}

/** Bytes `from` to `to` of pieces that follow each other, not copied. */
function sliceOf(pieces: readonly Buffer[], from: number, to: number): Buffer[] {
  const slices: Buffer[] = [];
  let at = 0;
  for (const piece of pieces) {
    if (at + piece.length > from && at < to) slices.push(piece.subarray(Math.max(0, from - at), Math.min(piece.length, to - at)));
    at += piece.length;
  }
  return slices;
}

/** Bytes taken at once. Small, because an unfinished token is kept, and one longer than the limit must be refused before it grows. */
const pieceBytes = 32 * 1024;

/** The documents of a file as they complete; throws `MalformedExchangeFile` after the good ones. */
export async function* readOrderFile(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: ParseLimits = defaultParseLimits,
): AsyncGenerator<OnecDocument, void, undefined> {
  const parser = createOrderParser(limits);
  for await (const chunk of source) {
    for (let from = 0; from < chunk.length; from += pieceBytes) yield* parser.write(chunk.subarray(from, from + pieceBytes));
  }
  yield* parser.end();
  // The first call may have held back a failure behind the documents it completed.
  parser.end();
}

/** In words that an accountant can pass on. */
const reasons: Record<Exclude<XmlFault, "long">, string> = {
  cut: "Файл обрывается: не закрыт элемент",
  empty: "Файл пуст",
  entity: "В файле есть неизвестная ссылка на сущность XML",
  character: "В файле есть недопустимый символ",
  doctype: "В файле есть DOCTYPE, такие файлы не принимаются",
  markup: "Файл повреждён: нарушена разметка XML",
};

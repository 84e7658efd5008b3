/**
 * Order files of 1C as a stream (CML-17): one document at a time, bounded memory, no DTD, no entities but the five of XML.
 * Namespaces and prefixes are ignored; containers of CommerceML 3.1 are walked as if their documents stood at the root.
 */
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { createExchangeDecoder } from "./encoding.ts";
import { MalformedExchangeFile } from "./malformed.ts";
import { documentShape, type RawDocument } from "./raw-document.ts";
import { createCollector, type Collected, type Collector } from "./shape.ts";
import { toDocument } from "./to-document.ts";
import type { OnecDocument } from "./types.ts";

export type ParseLimits = {
  depthMax: number;
  /** Characters in one element, attribute, comment or tag. */
  textMax: number;
  attributesMax: number;
  elementsPerDocumentMax: number;
  documentCharactersMax: number;
  documentsMax: number;
};

/** An order of 6 000 lines has about 200 000 elements and 8 million characters; the official schema is 8 levels deep and its longest text has 3 000 characters. */
export const defaultParseLimits: ParseLimits = {
  depthMax: 32,
  textMax: 20_000,
  attributesMax: 32,
  elementsPerDocumentMax: 200_000,
  documentCharactersMax: 16_000_000,
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
  const xml = new SaxesParser({ xmlns: false, position: false });
  let complete: OnecDocument[] = [];
  /** Closed just now. saxes reports a tag closed by the wrong name as closed first and as an error second. */
  let justClosed: OnecDocument | null = null;
  let failure: MalformedExchangeFile | null = null;

  let depth = 0;
  let elements = 0;
  let documents = 0;
  let containers = 0;
  let inContainer = false;
  /** Depth of a root child that is neither a document nor a container. */
  let skippedFrom = 0;
  let raw: RawDocument | null = null;
  let collector: Collector | null = null;
  let charactersSinceEvent = 0;
  let documentCharacters = 0;
  let ended = false;

  const settle = () => {
    if (justClosed) complete.push(justClosed);
    justClosed = null;
  };
  const fail = (reason: string): never => {
    settle();
    throw new MalformedExchangeFile(reason);
  };
  const tooLong = () => fail(`Слишком длинный текст в элементе, больше ${limits.textMax} знаков`);

  const openOutside = (name: string, tag: SaxesTagPlain) => {
    if (skippedFrom > 0) return;
    if (depth === 1) {
      if (name !== rootName) fail(`Это не файл CommerceML: корневой элемент «${name.slice(0, 40)}»`);
      if (/^1[.,]/.test(tag.attributes["ВерсияСхемы"] ?? "")) failVersion1();
    } else if (name === "Документ") {
      documents += 1;
      if (documents > limits.documentsMax) fail(`В файле больше ${limits.documentsMax} документов`);
      elements = 0;
      documentCharacters = 0;
      const target: Collected = {};
      raw = target;
      if (tag.attributes["ХозОперация"] !== undefined) failVersion1();
      collector = createCollector(documentShape, target, limits.textMax, tooLong);
    } else if (name === "Контейнер" && depth === 2) {
      inContainer = true;
      containers += 1;
    } else if (catalogNames.has(name) && documents === 0) {
      fail("Это файл каталога товаров, а не заказов");
    } else {
      skippedFrom = depth;
    }
  };
  const failVersion1 = () => fail("CommerceML 1 не поддерживается, нужна версия 2.03 или новее");

  // Six handlers and no more: from the eighth on V8 keeps the parser's fields in a dictionary and it runs four times slower
  // (measured). So comments are not listened to, and a run of them counts as one long token.
  xml.on("error", (error) => {
    if (error.message.includes("unexpected close tag")) justClosed = null;
    fail(reasonOf(error));
  });
  xml.on("doctype", () => fail("В файле есть DOCTYPE, такие файлы не принимаются"));
  xml.on("opentag", (tag) => {
    settle();
    charactersSinceEvent = 0;
    depth += 1;
    elements += 1;
    if (depth > limits.depthMax) fail(`Слишком глубокая вложенность, больше ${limits.depthMax} уровней`);
    if (elements > limits.elementsPerDocumentMax) fail(`Слишком большой документ, больше ${limits.elementsPerDocumentMax} элементов`);
    if (moreThan(tag.attributes, limits.attributesMax)) fail(`Слишком много атрибутов, больше ${limits.attributesMax}`);
    const name = localName(tag.name);
    if (collector) collector.open(name, tag.attributes);
    else openOutside(name, tag);
  });
  const onText = (piece: string) => {
    charactersSinceEvent = 0;
    collector?.text(piece);
  };
  xml.on("text", onText);
  xml.on("cdata", onText);
  xml.on("closetag", () => {
    settle();
    charactersSinceEvent = 0;
    if (collector) {
      if (collector.close()) {
        justClosed = toDocument(raw!, inContainer ? containers : null);
        collector = null;
        raw = null;
        elements = 0;
      }
    } else if (skippedFrom === depth) {
      skippedFrom = 0;
    } else if (inContainer && depth === 2) {
      inContainer = false;
    }
    depth -= 1;
  });

  const feed = (decoded: string) => {
    if (decoded === "") return;
    charactersSinceEvent += decoded.length;
    documentCharacters += decoded.length;
    xml.write(decoded);
    if (charactersSinceEvent > limits.textMax + 2 * pieceBytes) tooLong();
    if (collector && documentCharacters > limits.documentCharactersMax) fail("Слишком большой документ");
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
        xml.close();
        settle();
      }),
  };
}

/** Bytes decoded at once. Small, because saxes keeps an unfinished token, and one longer than the limit must be refused before it grows. */
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

function localName(name: string): string {
  const colon = name.indexOf(":");
  return colon < 0 ? name : name.slice(colon + 1);
}

function moreThan(attributes: Record<string, string>, max: number): boolean {
  let count = 0;
  for (const _ in attributes) if (++count > max) return true;
  return false;
}

/** The parser's English message, in words that an accountant can pass on. */
function reasonOf(error: Error): string {
  if (error.message.includes("unclosed tag")) return "Файл обрывается: не закрыт элемент";
  if (error.message.includes("document must contain a root element")) return "Файл пуст";
  if (error.message.includes("undefined entity")) return "В файле есть неизвестная ссылка на сущность XML";
  if (error.message.includes("disallowed character")) return "В файле есть недопустимый символ";
  return "Файл повреждён: нарушена разметка XML";
}

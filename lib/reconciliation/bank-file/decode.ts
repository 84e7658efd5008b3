/** BNK-1, BNK-2: bytes of a 1CClientBankExchange file to text. */
import iconv from "iconv-lite";

/** The file as a whole cannot be read; `message` is Russian. */
export class StatementRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StatementRefused";
  }
}

export const statementLimits = { bytesMax: 50 * 1024 * 1024, documentsMax: 200_000, valueMax: 4_000, rawMax: 8_000 };

const encodings = ["utf8", "win1251", "cp866"] as const;
type Encoding = (typeof encodings)[number];

/** Tried in the order of trust: mark, the header's word, valid UTF-8, then whichever decoding shows the known keys. */
export function decodeStatement(bytes: Uint8Array): string {
  if (bytes.length === 0) throw new StatementRefused("Файл пуст");
  if (bytes.length > statementLimits.bytesMax) throw new StatementRefused(`Файл больше ${statementLimits.bytesMax / 1024 / 1024} МБ. Выгрузите выписку за меньший период`);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const encoding of trusted(buffer)) {
    const text = iconv.decode(buffer, encoding);
    if (/секция(документ|расчсчет)/iu.test(text)) return text;
  }
  throw new StatementRefused("Это не выписка 1CClientBankExchange (kl_to_1c.txt): в файле нет ни счетов, ни документов. Другие форматы пока не читаем");
}

function trusted(buffer: Buffer): Encoding[] {
  const first: Encoding[] = [];
  if (buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf) first.push("utf8");
  // The words of the header are ASCII whatever the page is.
  const declared = /=\s*(windows|dos)\s*\r?$/im.exec(buffer.subarray(0, 2_000).toString("latin1"))?.[1]?.toLowerCase();
  if (declared) first.push(declared === "dos" ? "cp866" : "win1251");
  return [...new Set([...first, ...encodings])];
}

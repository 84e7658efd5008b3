import iconv from "iconv-lite";
import { describe, expect, test } from "vitest";
import { createExchangeDecoder } from "./encoding.ts";
import { MalformedExchangeFile } from "./malformed.ts";

const text = '<КоммерческаяИнформация>Ёлка, 5 м² «Ель»</КоммерческаяИнформация>\r\n';

function decode(bytes: Uint8Array, pieceBytes: number): string {
  const decoder = createExchangeDecoder();
  const read: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += pieceBytes) read.push(decoder.write(bytes.subarray(from, from + pieceBytes)));
  return Buffer.concat([...read, decoder.end()]).toString();
}

describe("CML-17: the encoding is told by mark, declaration, bytes, in this order", () => {
  const plain1251 = text.replace("²", "2");
  const cases: [string, Buffer, string][] = [
    ["BOM", Buffer.from(`\uFEFF${text}`), text],
    ["BOM wins over a wrong declaration", Buffer.from(`\uFEFF<?xml version="1.0" encoding="windows-1251"?>${text}`), `<?xml version="1.0" encoding="windows-1251"?>${text}`],
    ["declared UTF-8", Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`), `<?xml version="1.0" encoding="UTF-8"?>${text}`],
    ["declared 1251", iconv.encode(`<?xml version="1.0" encoding="windows-1251"?>${plain1251}`, "win1251"), `<?xml version="1.0" encoding="windows-1251"?>${plain1251}`],
    ["declared UTF-8, written in 1251", iconv.encode(`<?xml version="1.0" encoding="UTF-8"?>${plain1251}`, "win1251"), `<?xml version="1.0" encoding="UTF-8"?>${plain1251}`],
    ["declared 1251, written in UTF-8", Buffer.from(`<?xml version="1.0" encoding="windows-1251"?>${text}`), `<?xml version="1.0" encoding="windows-1251"?>${text}`],
    ["undeclared UTF-8", Buffer.from(text), text],
    ["undeclared 1251", iconv.encode(plain1251, "win1251"), plain1251],
    ["short undeclared 1251", iconv.encode("<а/>", "win1251"), "<а/>"],
    ["plain ASCII", Buffer.from("<a/>"), "<a/>"],
    ["nothing", Buffer.alloc(0), ""],
  ];
  test.each(cases)("%s, whole and cut at every byte", (_name, bytes, expected) => {
    expect(decode(bytes, 1 << 20)).toBe(expected);
    expect(decode(bytes, 1)).toBe(expected);
    expect(decode(bytes, 3)).toBe(expected);
  });

  test("an encoding that 1C does not write is named in the reason", () => {
    expect(() => decode(Buffer.from('<?xml version="1.0" encoding="KOI8-R"?><a/>'), 1)).toThrow("Кодировка KOI8-R не поддерживается");
    expect(() => decode(Buffer.from([0xff, 0xfe, 0x3c, 0x00]), 9)).toThrow("UTF-16");
  });

  test("bytes that are not UTF-8 are an error, not a replacement character", () => {
    const broken = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a>'), Buffer.from([0xd0, 0x20])]);
    expect(() => decode(broken, 64)).toThrow(MalformedExchangeFile);
    expect(() => decode(Buffer.concat([Buffer.from(text), Buffer.from([0xd0])]), 64)).toThrow("не в кодировке UTF-8");
  });
});

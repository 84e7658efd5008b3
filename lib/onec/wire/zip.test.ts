import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeZip, type ZipEntry } from "./fixtures/make-zip.ts";
import { fixture } from "./fixtures/read-fixture.ts";
import { MalformedExchangeFile } from "./malformed.ts";
import { readOrderFile } from "./parse-orders.ts";
import { defaultZipLimits, readZip, type ZipLimits } from "./zip.ts";

async function contents(source: string | Buffer, limits: ZipLimits = defaultZipLimits): Promise<Record<string, Buffer>> {
  const all: Record<string, Buffer> = {};
  for await (const { name, bytes } of readZip(source, limits)) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    all[name] = Buffer.concat(chunks);
  }
  return all;
}

const legal = fixture("orders-ut11-legal.xml");
const small: ZipEntry = { name: "orders-1.xml", content: Buffer.from("<a/>") };

describe("CML-12: the archive of an exchange", () => {
  test("gives its XML files by base name, passes over the rest", async () => {
    const zip = makeZip([
      { name: "webdata/", content: Buffer.alloc(0) },
      { name: "webdata/orders-11fa_1.xml", content: legal },
      { name: "import_files/фото.jpg", content: Buffer.alloc(100) },
      { name: "import_files/фото товара (1).jpg", content: Buffer.alloc(100) },
      small,
    ]);
    expect(await contents(zip)).toEqual({ "orders-11fa_1.xml": legal, "orders-1.xml": small.content });
  });

  test("is read from a file, straight into the parser", async () => {
    const folder = mkdtempSync(join(tmpdir(), "kopeyka-zip-"));
    try {
      const path = join(folder, "v8_4F2A.zip");
      writeFileSync(path, makeZip([{ name: "orders.xml", content: legal }]));
      const numbers: string[] = [];
      for await (const { bytes } of readZip(path)) for await (const document of readOrderFile(bytes)) numbers.push(document.number);
      expect(numbers).toEqual(["B2B-000101", "B2B-000102"]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([
    ["../orders.xml"], ["a/../../orders.xml"], ["/etc/orders.xml"], ["C:\\orders.xml"], ["..\\orders.xml"], ["a\u0000b.xml"],
  ])("an entry named %j is refused", async (name) => {
    await expect(contents(makeZip([small, { ...small, name }]))).rejects.toThrow(new MalformedExchangeFile("В архиве есть файл с недопустимым именем"));
  });

  const bomb = Buffer.alloc(8 * 1024 * 1024, 0x20);
  test.each<[string, Buffer, Partial<ZipLimits>, string]>([
    ["a bomb by ratio", makeZip([{ name: "a.xml", content: bomb }]), {}, "Подозрительно сильно сжатый архив"],
    ["a bomb that admits its size", makeZip([{ name: "a.xml", content: bomb }]), { unpackedBytesMax: 1_048_576, ratioMax: 1e6 }, "после распаковки больше 1 МБ"],
    ["a bomb that hides its size", makeZip([{ name: "a.xml", content: bomb, claimedSize: 10 }]), { ratioMax: 1e6 }, "Архив повреждён"],
    ["many files that are too big together", makeZip([1, 2, 3].map((n) => ({ name: `${n}.xml`, content: Buffer.alloc(500_000, 0x20) }))), { unpackedBytesMax: 1_048_576, ratioMax: 1e6 }, "больше 1 МБ"],
    ["too many entries", makeZip(Array.from({ length: 11 }, (_, n) => ({ ...small, name: `${n}.xml` }))), { entriesMax: 10 }, "больше 10 файлов"],
    ["a wrong checksum", makeZip([{ ...small, claimedCrc: 1 }]), {}, "не сходится контрольная сумма"],
    ["a password", makeZip([{ ...small, flags: 1 }]), {}, "защищён паролем"],
    ["another compression", makeZip([{ ...small, method: 14 }]), {}, "Способ сжатия"],
    ["no archive at all", Buffer.from("<?xml"), {}, "Архив повреждён"],
    ["a cut archive", makeZip([small]).subarray(0, -30), {}, "Архив повреждён"],
  ])("%s is refused", async (_name, zip, limits, reason) => {
    const failure = await contents(zip, { ...defaultZipLimits, ...limits }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(MalformedExchangeFile);
    expect(failure instanceof Error && failure.message).toContain(reason);
  });
});

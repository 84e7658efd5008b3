import fc from "fast-check";
import { expect, test } from "vitest";
import { fixture } from "./fixtures/read-fixture.ts";
import { MalformedExchangeFile } from "./malformed.ts";
import { readOrderFile } from "./parse-orders.ts";
import { readOrder } from "./read-order.ts";

const samples = ["orders-ut11-legal.xml", "orders-ut11-status-reupload.xml", "orders-ut103-short-1251.xml", "orders-unf-subordinate.xml"].map((name) => fixture(name));
const words = ["<", ">", "</Документ>", "<Документ>", "<Товары>", "&amp;", "&#0;", "&#x10FFFF;", "&x;", "<![CDATA[", "]]>", "<!--", "\uFEFF", "\u0000", "99999999999999999999", "-1", "1e9", "0001-01-01T00:00:00", "ПометкаУдаления", "<Контейнер>", "\u{1F600}"].map((word) => Buffer.from(word));

/** A sample with some of its bytes overwritten by words that matter to a parser, cut anywhere into pieces. */
const bytesAndPiece = fc.tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(...words), fc.boolean()), { maxLength: 6 }), fc.integer({ min: 1, max: 5_000 }))
  .map(([sample, edits, piece]) => {
    let bytes = sample;
    for (const [at, word, inserts] of edits) {
      const from = Math.floor(at * bytes.length);
      bytes = Buffer.concat([bytes.subarray(0, from), word, bytes.subarray(inserts ? from : from + word.length)]);
    }
    return { bytes, piece };
  });

async function read(bytes: Buffer, piece: number): Promise<string> {
  const pieces: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += piece) pieces.push(bytes.subarray(from, from + piece));
  const told: string[] = [];
  try {
    for await (const document of readOrderFile(pieces)) {
      const result = readOrder(document, { zeroRateMeans: "none" });
      told.push(result.kind === "refused" ? `refused ${result.reason}` : `${result.kind} ${result.number} ${result.contentHash}`);
    }
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedExchangeFile);
    told.push(String((error as Error).message));
  }
  for (const reason of told) expect(reason).not.toContain("\n");
  return told.join("; ");
}

test("CML-17: any bytes are orders, refusals or one reason in Russian, and the same ones however they are cut", async () => {
  await fc.assert(
    fc.asyncProperty(bytesAndPiece, async ({ bytes, piece }) => {
      expect(await read(bytes, piece)).toBe(await read(bytes, bytes.length + 1));
    }),
    { numRuns: 150, seed: 20261128 },
  );
});

import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { readSetting } from "@/lib/settings/index.ts";
import { baseSettings, versionsOf } from "../base-settings.ts";
import { MalformedExchangeFile, createExchangeDecoder, createOrderParser, readOrder } from "../wire/index.ts";
import type { ReadOrder } from "../wire/index.ts";

/** An uploaded file as the exchange would read its bytes, whatever encoding it declares. Throws `invalid` (details.field) for bytes of no encoding of 1C's. */
export function textOfFile(bytes: Uint8Array): string {
  const decoder = createExchangeDecoder();
  try {
    return Buffer.concat([decoder.write(bytes), decoder.end()]).toString("utf8");
  } catch (error) {
    if (error instanceof MalformedExchangeFile) throw invalid(error.message, { field: "text" });
    throw error;
  }
}

/** Documents of a CommerceML text: one element «Документ» as the journal keeps it, or a whole file. Throws `invalid` when it cannot be read. */
export async function readPayload(ctx: Ctx, base: OpenConnection, given: string): Promise<ReadOrder[]> {
  const settings = { ...versionsOf(base), zeroRateMeans: baseSettings(base).zeroRateMeans ?? (await readSetting(ctx.database.sql, "onec.zeroRateMeans")) };
  const text = given.trim();
  const file = /^<Документ[\s>/]/u.test(text) ? `<КоммерческаяИнформация>${text}</КоммерческаяИнформация>` : text;
  try {
    const parser = createOrderParser();
    // A pasted text is UTF-16 to us and UTF-8 to the parser, whatever its declaration says.
    const documents = [...parser.write(Buffer.from(file.replace(/^\uFEFF/u, "").replace(/^(<\?xml[^>]*?)\s+encoding\s*=\s*(?:"[^"]*"|'[^']*')/u, "$1"))), ...parser.end()];
    parser.end();
    return documents.map((document) => readOrder(document, settings));
  } catch (error) {
    if (error instanceof MalformedExchangeFile) throw invalid(error.message, { field: "text" });
    throw error;
  }
}

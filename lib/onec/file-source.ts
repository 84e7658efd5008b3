/** The bytes of an uploaded file, read back piece by piece; an archive is spooled to disk first (CML-12). */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Ctx } from "@/lib/context.ts";
import { readPiece } from "./stored-pieces.ts";
import { readOrderFile, readZip } from "./wire/index.ts";
import type { OnecDocument } from "./wire/index.ts";

/** The pieces in order. The next one is asked for while this one is parsed. */
export async function* filePieces(ctx: Ctx, fileId: string): AsyncGenerator<Uint8Array, void, undefined> {
  const read = (no: number) => readPiece(ctx.database.sql, fileId, no);
  let next = read(0);
  for (let no = 1; ; no++) {
    const bytes = await next;
    if (bytes === null) return;
    next = read(no);
    // Left unawaited when the reader stops early; its failure has nobody to tell.
    next.catch(() => undefined);
    yield bytes;
  }
}

/** All documents of a plain file, or of every XML file of an archive in archive order. Throws `MalformedExchangeFile`. */
export async function* fileDocuments(ctx: Ctx, file: { id: string; name: string }, onEntry: (name: string) => void): AsyncGenerator<OnecDocument, void, undefined> {
  if (!file.name.toLowerCase().endsWith(".zip")) return yield* readOrderFile(filePieces(ctx, file.id));
  const folder = await mkdtemp(path.join(tmpdir(), "kopeyka-onec-"));
  try {
    const archive = path.join(folder, "upload.zip");
    const target = await open(archive, "wx", 0o600);
    try {
      for await (const bytes of filePieces(ctx, file.id)) await target.write(bytes);
    } finally {
      await target.close();
    }
    for await (const entry of readZip(archive)) {
      onEntry(entry.name);
      yield* readOrderFile(entry.bytes);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

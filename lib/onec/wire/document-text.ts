/** The text of a parsed document as it stands in its file: bytes that are in memory anyway, made text only when somebody wants to read or keep it. */
import type { RawPayload } from "./order-draft.ts";
import type { OnecDocument } from "./types.ts";

const bytesOf = new WeakMap<OnecDocument, readonly Uint8Array[]>();

export const rememberBytes = (document: OnecDocument, bytes: readonly Uint8Array[]): void => void bytesOf.set(document, bytes);

/** Undefined for a document that no parser gave out. */
export function rawOf(document: OnecDocument): RawPayload | undefined {
  const bytes = bytesOf.get(document);
  return bytes && { format: "xml", get text() { return Buffer.concat(bytes).toString("utf8"); } };
}

import { checkEvidence } from "@/lib/evidence/index.ts";
import type { GivenEvidence } from "@/lib/evidence/index.ts";
import { DomainError, invalid } from "@/lib/kit/errors.ts";
import { textOf } from "./run-action.ts";

const SIZE_MAX = 5 * 1024 * 1024;

/**
 * What a form gives as proof in `evidenceNote`, `evidenceUrl`, `evidenceFile`. `isNeeded`: throws `invalid` when there is none;
 * else null. A browser's own word for the type is not believed alone: the extension must fit it.
 */
export async function evidenceOf(form: FormData, isNeeded: true): Promise<GivenEvidence>;
export async function evidenceOf(form: FormData, isNeeded: false): Promise<GivenEvidence | null>;
export async function evidenceOf(form: FormData, isNeeded: boolean): Promise<GivenEvidence | null> {
  const file = form.get("evidenceFile");
  const isFile = file instanceof File && file.size > 0;
  // One byte too many is enough to be refused; the rest is not copied.
  const bytes = isFile ? Buffer.from(await file.slice(0, SIZE_MAX + 1).arrayBuffer()) : null;
  const given: GivenEvidence = { note: textOf(form, "evidenceNote") || null, url: textOf(form, "evidenceUrl") || null, file: isFile && bytes ? { name: file.name, mime: mimeOf(file), bytes } : null };
  if (!isNeeded && !given.note && !given.url && !given.file) return null;
  try {
    checkEvidence(given);
  } catch (error) {
    const field = error instanceof DomainError ? inputs[error.details["field"] ?? ""] : undefined;
    throw field ? invalid((error as DomainError).message, { field }) : error;
  }
  return given;
}

/** Where the check's complaint stands in the form. */
const inputs: Record<string, string> = { note: "evidenceNote", url: "evidenceUrl", file: "evidenceFile" };

const types: Record<string, string> = { pdf: "application/pdf", png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg", txt: "text/plain" };

const mimeOf = (file: File): string => {
  const type = types[file.name.split(".").at(-1)?.toLowerCase() ?? ""] ?? "application/octet-stream";
  return file.type === "" || file.type.split(";")[0] === type ? type : "application/octet-stream";
};

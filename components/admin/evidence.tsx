import type { EvidenceRow } from "@/lib/evidence/index.ts";
import { formatDateTime } from "@/lib/kit/format.ts";
import { FormArea, FormField } from "./form-field.tsx";

const fileSize = (bytes: number): string => (bytes < 1_024 * 1_024 ? `${Math.max(1, Math.round(bytes / 1_024))}\u00A0КБ` : `${(bytes / 1_024 / 1_024).toFixed(1).replace(".", ",")}\u00A0МБ`);

/** Fields of a proof: words, a link, a file; names as `evidenceOf` reads them. */
export function EvidenceFields({ prefix, isNeeded }: { prefix: string; isNeeded: boolean }) {
  return (
    <fieldset className="flex flex-col gap-3 rounded-control border p-3">
      <legend className="px-1 font-medium">Подтверждение{isNeeded ? ": хотя бы одно" : ""}</legend>
      <FormArea id={`${prefix}-note`} name="evidenceNote" label="Что это за документ" maxLength={2_000} hint="Например: выписка банка за 20.11, строка не найдена" />
      <FormField id={`${prefix}-url`} name="evidenceUrl" label="Ссылка" type="url" maxLength={1_000} autoComplete="off" />
      <FormField id={`${prefix}-file`} name="evidenceFile" label="Файл" type="file" accept=".pdf,.png,.jpg,.jpeg,.txt" hint="PDF, PNG, JPEG или текст, до 5 МБ" className="[&_input]:py-1.5" />
    </fieldset>
  );
}

/** What was given as proof. A file opens for those who may decide about money; others see that it is there. */
export function EvidenceList({ evidence, mayOpen }: { evidence: readonly EvidenceRow[]; mayOpen: boolean }) {
  if (evidence.length === 0) return null;
  return (
    <ul className="flex flex-col gap-1 text-dense">
      {evidence.map((each) => (
        <li key={each.evidenceId} className="wrap-anywhere">
          {each.fileName ? (
            mayOpen ? (
              <a href={`/admin/evidence/${each.evidenceId}`} className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
                {each.fileName}
              </a>
            ) : (
              <span className="font-medium">{each.fileName}</span>
            )
          ) : null}
          {each.fileName && each.sizeBytes ? <span className="text-muted-foreground"> {fileSize(each.sizeBytes)} </span> : null}
          {each.url ? (
            <a href={each.url} target="_blank" rel="noreferrer nofollow" className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">
              {each.url.slice(0, 80)}
            </a>
          ) : null}
          {each.note ? <span> {each.note}</span> : null} <span className="text-muted-foreground">{formatDateTime(each.addedAt)}</span>
        </li>
      ))}
    </ul>
  );
}

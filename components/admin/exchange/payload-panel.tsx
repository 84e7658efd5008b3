import { FilterForm } from "@/components/admin/list-filter.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { formatCount } from "@/lib/kit/format.ts";
import { splitAtWords } from "@/lib/onec/inbox/split-at-words.ts";

const LINKS_MAX = 12;

/** The document of a message, and a search in it that needs no script: each place has its address. */
export function PayloadPanel({ text, isCut, path, words }: { text: string; isCut: boolean; path: string; words: string | null }) {
  const parts = splitAtWords(text, words ?? "");
  const count = (parts.length - 1) / 2;
  return (
    <Panel title={isCut ? "Документ (начало: он длиннее, чем хранится)" : "Документ"}>
      <FilterForm action={`${path}#found-1`} keeps={{}} resetHref={words ? path : null} submit="Найти" className="px-4 pt-2 pb-3 sm:px-5">
        <label className="col-span-2 flex min-w-0 grow basis-48 flex-col gap-1 text-caption text-muted-foreground sm:max-w-72">
          Слова в документе
          <input type="search" name="find" defaultValue={words ?? ""} maxLength={100} className="h-8 rounded-control border border-input bg-card px-2 text-dense text-foreground pointer-coarse:h-11" />
        </label>
      </FilterForm>
      {words ? (
        <p role="status" className="flex flex-wrap items-center gap-x-2 px-4 pb-3 text-dense sm:px-5">
          {count === 0 ? "Не нашлось" : `Нашлось ${formatCount(count, ["место", "места", "мест"])}:`}
          {Array.from({ length: Math.min(count, LINKS_MAX) }, (_, at) => (
            <a key={at} href={`#found-${at + 1}`} className="num inline-flex min-h-6 min-w-6 items-center justify-center text-primary underline underline-offset-2 pointer-coarse:min-h-11 pointer-coarse:min-w-11">
              {at + 1}
            </a>
          ))}
        </p>
      ) : null}
      <pre tabIndex={0} role="region" aria-label="Текст документа" className="max-h-[70vh] overflow-auto border-t px-4 py-3 font-mono text-caption wrap-anywhere whitespace-pre-wrap sm:px-5">
        {parts.map((part, at) =>
          at % 2 === 0 ? part : (
            <mark key={at} id={`found-${(at + 1) / 2}`} className="scroll-my-8 rounded-inner bg-warning-tint text-warning target:outline-2 target:outline-ring">
              {part}
            </mark>
          ),
        )}
      </pre>
    </Panel>
  );
}

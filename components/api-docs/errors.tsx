import { problemCodes, statusWords } from "@/lib/onec/json/index.ts";
import type { SchemaView } from "@/lib/onec/json/index.ts";
import { SchemaTable } from "./schema-table.tsx";

/** What each refusal means: of a whole call, and of one object in a package. */
export const Errors = ({ schema }: { schema: SchemaView }) => (
  <section id="errors" aria-labelledby="errors-title" className="flex flex-col gap-4 border-t pt-8">
    <h2 id="errors-title" className="text-h2">
      Ошибки
    </h2>
    <p className="max-w-[70ch]">Если вызов не выполнен, приходит код HTTP и такой JSON:</p>
    <SchemaTable schema={schema} />
    <List rows={Object.entries(statusWords).map(([status, { code, text }]) => [`${status} ${code}`, text])} />
    <h3 className="text-customer font-semibold">Отказ объекту пакета</h3>
    <p className="max-w-[70ch]">Код ответа 200, а у объекта status=rejected, код в code и причина в msg. Повторять без изменений бесполезно, кроме internal.</p>
    <List rows={Object.entries(problemCodes)} />
  </section>
);

const List = ({ rows }: { rows: [string, string][] }) => (
  <ul className="divide-y rounded-card border bg-card">
    {rows.map(([code, text]) => (
      <li key={code} className="grid gap-x-4 gap-y-0.5 px-4 py-2 text-dense sm:grid-cols-[220px_minmax(0,1fr)]">
        <span className="font-mono font-semibold wrap-anywhere">{code}</span>
        <span>{text}</span>
      </li>
    ))}
  </ul>
);

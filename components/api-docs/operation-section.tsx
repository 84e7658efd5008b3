import type { ReactNode } from "react";
import { PREFIX, errorsOf, nameOf, statusWords } from "@/lib/onec/json/index.ts";
import type { Operation, SchemaView } from "@/lib/onec/json/index.ts";
import { SchemaTable } from "./schema-table.tsx";

type Props = { operation: Operation; schemas: ReadonlyMap<string, SchemaView> };

const tones: Record<Operation["method"], string> = { GET: "bg-info-tint text-info", POST: "bg-success-tint text-success", PUT: "bg-warning-tint text-warning", DELETE: "bg-danger-tint text-danger" };

/** One call: what it is for, what it takes, what it gives, how it can fail. */
export function OperationSection({ operation, schemas }: Props) {
  const { id, method, path, title, description, body, answer, answerExample, params, query } = operation;
  const given = body?.kind === "json" ? schemas.get(nameOf(body.schema) ?? "") : undefined;
  const got = schemas.get(nameOf(answer) ?? "");
  const parameters = [...Object.entries(params).map(([name, text]) => [name, text, "в адресе"] as const), ...Object.entries(query).map(([name, { description: text, example }]) => [name, example ? `${text} Например, ${example}.` : text, "после ?"] as const)];
  return (
    <section id={id} aria-labelledby={`${id}-title`} className="flex flex-col gap-4 border-t pt-8">
      <h2 id={`${id}-title`} className="text-h2">
        {title}
      </h2>
      <p className="flex flex-wrap items-center gap-2 font-mono text-dense">
        <span className={`rounded-control px-2 py-0.5 font-semibold ${tones[method]}`}>{method}</span>
        <span className="wrap-anywhere">
          {PREFIX}
          {path}
        </span>
      </p>
      <p className="max-w-[70ch]">{description}</p>
      {parameters.length > 0 ? (
        <ul className="divide-y rounded-card border bg-card">
          {parameters.map(([name, text, where]) => (
            <li key={name} className="grid gap-x-4 gap-y-0.5 px-4 py-2 text-dense sm:grid-cols-[minmax(150px,190px)_minmax(0,150px)_minmax(0,1fr)]">
              <span className="font-mono font-semibold">{name}</span>
              <span className="text-muted-foreground">{where}</span>
              <span className="wrap-anywhere">{text}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {body ? (
        <Part title="Тело запроса">
          {body.kind === "raw" ? (
            <p>
              {body.description} {body.mimes.join(", ")}
            </p>
          ) : null}
          {given ? <SchemaTable schema={given} /> : null}
          {body.kind === "json" ? <Example title="Пример запроса" value={body.example} /> : null}
        </Part>
      ) : null}
      <Part title="Ответ">
        {answer ? null : <p>Байты файла с его типом и именем.</p>}
        {got ? <SchemaTable schema={got} /> : null}
        {answer ? <Example title="Пример ответа" value={answerExample} /> : null}
      </Part>
      <p className="text-dense text-muted-foreground">
        Может ответить ошибкой:{" "}
        {errorsOf(operation).map((status, at) => (
          <span key={status} title={statusWords[status]!.text}>
            {at > 0 ? ", " : ""}
            {status}
          </span>
        ))}
        .{" "}
        <a href="#errors" className="inline-flex min-h-6 items-center text-primary underline underline-offset-2">
          Что они значат
        </a>
      </p>
    </section>
  );
}

const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <div className="flex flex-col gap-3">
    <h3 className="text-customer font-semibold">{title}</h3>
    {children}
  </div>
);

const Example = ({ title, value }: { title: string; value: unknown }) => (
  <details className="rounded-card border bg-muted">
    <summary className="flex min-h-11 cursor-pointer items-center px-4 font-medium">{title}</summary>
    {/* Scrolls by keyboard too. */}
    <pre tabIndex={0} role="region" aria-label={title} className="overflow-x-auto border-t px-4 py-3 font-mono text-dense">
      {JSON.stringify(value, null, 2)}
    </pre>
  </details>
);

import type { Metadata } from "next";
import { Errors } from "@/components/api-docs/errors.tsx";
import { OperationSection } from "@/components/api-docs/operation-section.tsx";
import { Rules } from "@/components/api-docs/rules.tsx";
import { SchemaTable } from "@/components/api-docs/schema-table.tsx";
import { PREFIX, describeSchemas, nameOf, operations } from "@/lib/onec/json/index.ts";
import { getContext } from "@/lib/runtime.ts";
import "./docs.css";

export const dynamic = "force-dynamic";
export const metadata: Metadata = { title: "Обмен с 1С по JSON" };

/** Everything that a programmer of 1C needs, written from the table of calls and the schemas that the door checks with. */
export default async function ApiDocsPage() {
  const { publicUrl } = await getContext();
  const schemas = describeSchemas();
  const roots = new Set(operations.flatMap(({ body, answer }) => [body?.kind === "json" ? nameOf(body.schema) : null, nameOf(answer)]));
  const parts = [...schemas.values()].filter(({ name }) => !roots.has(name) && name !== "Error");
  return (
    <div className="mx-auto max-w-[1280px] px-4 py-8 text-body sm:px-6 lg:grid lg:grid-cols-[260px_minmax(0,1fr)] lg:gap-x-10 lg:py-12">
      <header className="flex min-w-0 flex-col gap-3 lg:col-start-2">
        <h1 className="text-tile">Обмен с 1С по JSON</h1>
        <p className="max-w-[70ch] text-customer text-muted-foreground">
          Для программиста 1С: заказы, отгрузки, возвраты и документы на сайт, оплаты и чеки в базу. Работает с 8.3.10 без внешних компонент.
        </p>
        <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-[auto_minmax(0,1fr)]">
          <dt className="text-muted-foreground">Адрес</dt>
          <dd className="font-mono wrap-anywhere">
            {publicUrl}
            {PREFIX}
          </dd>
          <dt className="text-muted-foreground">Для программ</dt>
          <dd>
            <a href={`${PREFIX}/openapi.json`} className="inline-flex min-h-6 items-center text-primary underline underline-offset-2">
              OpenAPI 3.1
            </a>
          </dd>
        </dl>
      </header>
      <nav aria-label="Содержание" className="my-8 lg:sticky lg:top-8 lg:col-start-1 lg:row-span-2 lg:row-start-1 lg:my-0 lg:max-h-[calc(100dvh-4rem)] lg:self-start lg:overflow-y-auto">
        <ul className="grid grid-cols-1 gap-x-4 border-t pt-2 sm:grid-cols-2 lg:grid-cols-1 lg:border-t-0 lg:pt-0">
          <Entry href="#rules">Общие правила</Entry>
          {operations.map(({ id, title }) => (
            <Entry key={id} href={`#${id}`}>
              {title}
            </Entry>
          ))}
          <Entry href="#errors">Ошибки</Entry>
          <Entry href="#structures">Структуры</Entry>
        </ul>
      </nav>
      <main className="flex min-w-0 flex-col gap-12 lg:col-start-2 lg:mt-12">
        <Rules />
        {operations.map((operation) => (
          <OperationSection key={operation.id} operation={operation} schemas={schemas} />
        ))}
        <Errors schema={schemas.get("Error")!} />
        <section id="structures" aria-labelledby="structures-title" className="flex flex-col gap-8 border-t pt-8">
          <h2 id="structures-title" className="text-h2">
            Структуры
          </h2>
          {parts.map((schema) => (
            <section key={schema.name} id={`schema-${schema.name}`} aria-label={schema.name} className="flex flex-col gap-2">
              <h3 className="font-mono text-customer font-semibold">{schema.name}</h3>
              <SchemaTable schema={schema} />
            </section>
          ))}
        </section>
      </main>
    </div>
  );
}

const Entry = ({ href, children }: { href: string; children: string }) => (
  <li>
    <a href={href} className="flex min-h-11 items-center text-muted-foreground hover:text-foreground hover:underline lg:min-h-8">
      {children}
    </a>
  </li>
);

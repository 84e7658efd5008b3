import type { FieldView, SchemaView } from "@/lib/onec/json/index.ts";

/** The fields of one structure: a table on a wide screen, a list on a phone. */
export function SchemaTable({ schema }: { schema: SchemaView }) {
  return (
    <div className="flex flex-col gap-2">
      {schema.description ? <p className="max-w-[70ch] text-muted-foreground">{schema.description}</p> : null}
      <ul className="divide-y rounded-card border bg-card">
        {schema.fields.map((field) => (
          <li key={field.name} className="grid gap-x-4 gap-y-0.5 px-4 py-2 sm:grid-cols-[minmax(150px,190px)_minmax(0,150px)_minmax(0,1fr)]">
            <span className="font-mono text-dense font-semibold wrap-anywhere">
              {field.name}
              {field.isRequired ? null : <span className="font-sans font-normal text-muted-foreground"> можно не указывать</span>}
            </span>
            <Type field={field} />
            <span className="text-dense">{field.description}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

const Type = ({ field: { type, structure } }: { field: FieldView }) => (
  <span className="text-dense text-muted-foreground wrap-anywhere">
    {type}
    {structure ? (
      <>
        {" "}
        <a href={`#schema-${structure}`} className="inline-flex min-h-6 items-center font-mono text-primary underline underline-offset-2">
          {structure}
        </a>
      </>
    ) : null}
  </span>
);

import { Table, Td, Th } from "@/components/admin/table.tsx";
import type { FieldChange } from "@/lib/onec-messages/states.ts";

const owners: Record<FieldChange["owner"], string> = { onec: "1С", ours: "мы", both: "обе стороны" };

/** Before and after by field, and whose word counts. */
export function DiffTable({ diff }: { diff: readonly FieldChange[] }) {
  return (
    <Table label="Что изменилось">
      <thead>
        <tr>
          <Th>Поле</Th>
          <Th>Было</Th>
          <Th>Стало</Th>
          <Th>Хозяин</Th>
        </tr>
      </thead>
      <tbody>
        {diff.map((change, at) => (
          <tr key={`${change.field}-${at}`}>
            <Td className="min-w-24 py-1.5 font-medium">{change.label}</Td>
            <Td className="min-w-28 py-1.5 wrap-anywhere text-muted-foreground">{change.before ?? "не было"}</Td>
            <Td className="min-w-28 py-1.5 wrap-anywhere">{change.after ?? "нет"}</Td>
            <Td className="whitespace-nowrap text-muted-foreground">{owners[change.owner]}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

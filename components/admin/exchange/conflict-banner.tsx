import Link from "next/link";
import { Notice } from "@/components/ui/notice.tsx";
import type { ConflictRow } from "@/lib/onec/inbox/list-conflicts.ts";
import { ConflictCard } from "./conflict-card.tsx";
import type { ConflictRights } from "./conflict-card.tsx";

/** On the order's page: what 1C and we say differently, and the decision (A3). */
export function ConflictBanner({ orderId, conflicts, rights }: { orderId: string; conflicts: readonly ConflictRow[]; rights: ConflictRights }) {
  if (conflicts.length === 0) return null;
  return (
    <Notice tone="warning" title="Конфликт с 1С">
      <div className="flex flex-col gap-4">
        {conflicts.map((row) => (
          <ConflictCard key={row.conflictId} row={row} rights={rights} isOnOrder />
        ))}
        <Link href={`/admin/exchange?order=${orderId}`} className="inline-flex min-h-6 items-center self-start font-medium underline">
          Сообщения обмена по заказу
        </Link>
      </div>
    </Notice>
  );
}

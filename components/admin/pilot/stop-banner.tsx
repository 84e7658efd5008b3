import Link from "next/link";
import type { OpenStop } from "@/lib/pilot/read-pilot.ts";

/** On every page while a stop stands, so that nobody forgets it (PIL-05). */
export function StopBanner({ stops }: { stops: readonly OpenStop[] }) {
  const [first] = stops;
  if (!first) return null;
  const where = first.storeId === null ? "во всех магазинах" : stops.length > 1 ? "в нескольких магазинах" : `в магазине «${first.storeName ?? ""}»`;
  return (
    <div role="status" className="flex flex-wrap items-baseline gap-x-3 gap-y-1 bg-danger-tint px-4 py-2 text-dense text-danger lg:px-6">
      <p className="font-semibold">Приём оплаты остановлен {where}</p>
      <p className="line-clamp-2 min-w-0 wrap-anywhere">{first.reason}</p>
      <Link href={first.storeId === null ? "/admin/pilot" : `/admin/pilot?store=${first.storeId}`} prefetch={false} className="inline-flex min-h-6 items-center font-medium underline underline-offset-2 pointer-coarse:min-h-11">
        Пилот
      </Link>
    </div>
  );
}

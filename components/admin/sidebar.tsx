import { ArrowLeftRight, Banknote, BellRing, CircleUserRound, LayoutDashboard, ReceiptText, Rocket, Scale, ScrollText, ShoppingBag, Store } from "lucide-react";
import { NavLink } from "./nav-link.tsx";

export type SidebarCounts = { payments: number; receipts: number; alerts: number; /** Open P1 and P2; null where the section is not this role's. */ discrepancies: number | null };

const icon = { size: 16, strokeWidth: 1.5, "aria-hidden": true } as const;

/** Sections that exist; a section that a role may not see is not named to it. */
export function SidebarNav({ counts, seesAudit }: { counts: SidebarCounts; seesAudit: boolean }) {
  return (
    <nav aria-label="Разделы" className="flex flex-col gap-0.5">
      <NavLink href="/admin" icon={<LayoutDashboard {...icon} />}>Обзор</NavLink>
      <NavLink href="/admin/orders" icon={<ShoppingBag {...icon} />}>Заказы</NavLink>
      <NavLink href="/admin/payments" icon={<Banknote {...icon} />} badge={counts.payments} badgeLabel="нужно решение">Платежи</NavLink>
      <NavLink href="/admin/receipts" icon={<ReceiptText {...icon} />} badge={counts.receipts} badgeLabel="нужно решение">Чеки</NavLink>
      {counts.discrepancies === null ? null : <NavLink href="/admin/reconciliation" icon={<Scale {...icon} />} badge={counts.discrepancies} badgeLabel="срочных расхождений">Сверка</NavLink>}
      <NavLink href="/admin/exchange" icon={<ArrowLeftRight {...icon} />}>Обмен с&nbsp;1С</NavLink>
      <NavLink href="/admin/pilot" icon={<Rocket {...icon} />}>Пилот</NavLink>
      <NavLink href="/admin/shops" icon={<Store {...icon} />}>Интернет-магазины</NavLink>
      <NavLink href="/admin/alerts" icon={<BellRing {...icon} />} badge={counts.alerts} badgeLabel="новых событий">События</NavLink>
      {seesAudit ? <NavLink href="/admin/audit" icon={<ScrollText {...icon} />}>Журнал аудита</NavLink> : null}
      <div className="h-4" />
      <NavLink href="/admin/profile" icon={<CircleUserRound {...icon} />}>Профиль</NavLink>
    </nav>
  );
}

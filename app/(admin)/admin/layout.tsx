import { Menu } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { Brand } from "@/components/admin/brand.tsx";
import { MenuDetails } from "@/components/admin/menu-details.tsx";
import { SearchField } from "@/components/admin/search-field.tsx";
import { SidebarNav } from "@/components/admin/sidebar.tsx";
import { ThemeSwitch } from "@/components/admin/theme-switch.tsx";
import { countOpenAlerts } from "@/lib/alerts/index.ts";
import { countUnbound } from "@/lib/allocations/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { roleLabels } from "@/lib/auth/roles.ts";
import { listOpenStops } from "@/lib/pilot/index.ts";
import { StopBanner } from "@/components/admin/pilot/stop-banner.tsx";
import { countReceiptsToDecide } from "@/lib/fiscal/index.ts";
import { countOpenDiscrepancies } from "@/lib/reconciliation/index.ts";
import { countToApprove } from "@/lib/refunds/index.ts";
import { requireWorld } from "../session/world.ts";
import { signOutAction } from "../session/sign-out-action.ts";
import { setTheme } from "../session/theme-action.ts";

export default async function AdminLayout({ children }: { children: ReactNode }) {
  const { ctx, staff, viewer, isTest } = await requireWorld();
  const [alerts, receipts, refunds, unbound, discrepancies, stops] = await Promise.all([
    countOpenAlerts(ctx, { viewer, isTest }), countReceiptsToDecide(ctx, { viewer, isTest }), countToApprove(ctx, isTest), can(staff.role, "payment.bind") ? countUnbound(ctx, isTest) : 0,
    can(staff.role, "discrepancy.resolve") ? countOpenDiscrepancies(ctx, isTest) : null, listOpenStops(ctx, viewer),
  ]);
  const nav = <SidebarNav counts={{ payments: refunds + unbound, alerts: Number(alerts.firing), receipts: Number(receipts), discrepancies: discrepancies && Number(discrepancies.p1 + discrepancies.p2) }} seesAudit={can(staff.role, "audit.see")} />;
  const me = (
    <div className="flex flex-col gap-2 border-t pt-3">
      <div className="px-2 text-dense">
        <p className="truncate font-medium">{staff.name}</p>
        <p className="text-muted-foreground">{roleLabels[staff.role]}</p>
      </div>
      <div className="flex items-center justify-between gap-2 px-2">
        <ThemeSwitch theme={staff.theme} save={setTheme} />
        <form action={signOutAction}>
          <button type="submit" className="rounded-control px-2 py-1 text-dense font-medium text-muted-foreground hover:bg-muted hover:text-foreground">
            Выйти
          </button>
        </form>
      </div>
    </div>
  );
  return (
    <>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-control focus:bg-card focus:px-3 focus:py-2">
        К содержанию
      </a>
      {isTest ? <div aria-hidden className="test-stripes h-1" /> : null}
      <div className="lg:grid lg:grid-cols-[232px_minmax(0,1fr)]">
        <aside className="sticky top-0 hidden h-dvh flex-col gap-4 overflow-y-auto border-r px-3 py-4 lg:flex">
          <Link href="/admin" className="rounded-control px-2 py-1">
            <Brand />
          </Link>
          <div className="grow">{nav}</div>
          {me}
        </aside>
        <div className="min-w-0">
          <header className="flex h-14 items-center gap-2 border-b px-4 lg:px-6">
            <MenuDetails>
              <summary className="-ml-2 grid size-9 place-items-center pointer-coarse:size-11 rounded-control hover:bg-muted" aria-label="Меню">
                <Menu size={20} strokeWidth={1.5} aria-hidden />
              </summary>
              <div className="absolute inset-x-0 z-30 mt-2 flex flex-col gap-4 border-y bg-card p-4 shadow-overlay">
                {nav}
                {me}
              </div>
            </MenuDetails>
            <SearchField />
            <span className="grow" />
            {isTest ? (
              <span className="inline-flex h-6 shrink-0 items-center rounded-full bg-warning-tint px-2.5 text-caption font-semibold text-warning" title="Тестовый контур: настоящих денег здесь нет">
                ТЕСТ
              </span>
            ) : null}
          </header>
          <StopBanner stops={stops} />
          <main id="main" tabIndex={-1} className="mx-auto flex w-full max-w-[1240px] flex-col gap-4 p-4 outline-none lg:p-6">
            {children}
          </main>
        </div>
      </div>
    </>
  );
}

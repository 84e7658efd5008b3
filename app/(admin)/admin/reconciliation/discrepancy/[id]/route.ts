import { currentStaff } from "../../../../session/current-staff.ts";
import { dayHref } from "@/components/admin/reconciliation/day-href.ts";
import { can } from "@/lib/auth/permissions.ts";
import { findDiscrepancyDay } from "@/lib/reconciliation/index.ts";

/** Alerts name a discrepancy; its day's page shows it unfolded. Who may not see the reconciliation sees the order. */
export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const signedIn = await currentStaff();
  const { id } = await params;
  if (!signedIn) return to("/login");
  const found = await findDiscrepancyDay(signedIn.ctx, id);
  if (!can(signedIn.staff.role, "discrepancy.resolve")) return to(found?.orderId ? `/admin/orders/${found.orderId}` : "/admin/alerts");
  return to(found ? dayHref(found.day, { tab: found.tab, opened: id }) : "/admin/reconciliation");
}

const to = (location: string) => new Response(null, { status: 307, headers: { location } });

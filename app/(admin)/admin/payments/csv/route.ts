import { currentStaff } from "../../../session/current-staff.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { inTransaction } from "@/lib/context.ts";
import { localDate } from "@/lib/kit/time.ts";
import { CSV_ROWS_MAX, isListTab, listPayments, parsePaymentFilter, paymentFilterQuery, paymentsCsv } from "@/lib/reports/payments/index.ts";
import { currentWorld } from "@/lib/reports/world.ts";

/** What the list's filter shows, as a file for Excel: at most 5 000 rows, no buyer's data, noted in the audit. */
export async function GET(request: Request): Promise<Response> {
  const signedIn = await currentStaff();
  if (!signedIn || !can(signedIn.staff.role, "reports.money")) return new Response("Нет прав на эту выгрузку", { status: 403, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" } });
  const { ctx, viewer } = signedIn;
  const asked = parsePaymentFilter(Object.fromEntries(new URL(request.url).searchParams));
  const tab = isListTab(asked.tab) ? asked.tab : "succeeded";
  const filter = { ...asked, tab, cursor: null, open: null };
  const { rows } = await listPayments(ctx, { viewer, isTest: (await currentWorld(ctx)) === "test" }, filter, CSV_ROWS_MAX);
  await inTransaction(ctx, (tx) => recordAudit(ctx, tx, { action: "payments.exported", objectType: "payments", objectId: tab, after: { count: rows.length, filter: paymentFilterQuery(filter) } }));
  return new Response(paymentsCsv(rows), {
    headers: { "content-type": "text/csv; charset=utf-8", "content-disposition": `attachment; filename="payments-${tab}-${localDate(ctx.now(), ctx.zone)}.csv"`, "cache-control": "private, no-store", "x-content-type-options": "nosniff" },
  });
}

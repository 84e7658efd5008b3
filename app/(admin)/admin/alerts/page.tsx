import type { Metadata } from "next";
import { requireWorld } from "../../session/world.ts";
import { acknowledgeAction, closeAction } from "./actions.ts";
import { AlertRows } from "@/components/admin/alert-rows.tsx";
import { LiveRefresh } from "@/components/admin/live-refresh.tsx";
import { Ago } from "@/components/admin/moment.tsx";
import { Empty, PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { severityLabels } from "@/components/admin/severity.tsx";
import type { Severity } from "@/components/admin/severity.tsx";
import { lastHeartbeat, listAlerts } from "@/lib/alerts/index.ts";
import { can } from "@/lib/auth/permissions.ts";
import { formatCount } from "@/lib/kit/format.ts";

export const metadata: Metadata = { title: "События" };

const OPEN = 200;
const DONE = 30;
const severities: Severity[] = ["P1", "P2", "P3", "P4"];
/** The worker beats every few seconds: silence longer than that means nobody watches (ALR-27 speaks at five minutes). */
const SILENT_MS = 60_000;

export default async function AlertsPage() {
  const scope = await requireWorld();
  const { ctx, staff } = scope;
  const [open, done, beat] = await Promise.all([
    listAlerts(ctx, scope, { state: "open", by: "severity", limit: OPEN }),
    listAlerts(ctx, scope, { state: "resolved", by: "severity", limit: DONE }),
    lastHeartbeat(ctx),
  ]);
  const now = ctx.now();
  const isSilent = beat === null || now.getTime() - beat.getTime() > SILENT_MS;
  const mayTake = can(staff.role, "alerts.acknowledge");
  const mayClose = can(staff.role, "discrepancy.resolve");
  const checked = isSilent ? <span className="font-medium text-danger">Проверки не идут: фоновая программа молчит{beat ? <> с <Ago at={beat} now={now} /></> : ""}</span> : <>Проверка идёт каждую минуту, последняя связь {beat ? <Ago at={beat} now={now} /> : null}</>;
  return (
    <>
      <LiveRefresh />
      <PageHead title="События" note={checked} />
      {open.length === 0 ? (
        <Panel>
          <Empty title="Всё спокойно">Ничего не застряло и не требует решения. Закрытые события ниже: причина ушла или их разобрал сотрудник.</Empty>
        </Panel>
      ) : null}
      {severities.map((severity) => {
        const rows = open.filter((alert) => alert.severity === severity);
        return rows.length === 0 ? null : (
          <Panel key={severity} title={`${severityLabels[severity]}, ${formatCount(rows.length, ["событие", "события", "событий"])}`}>
            <div className="pt-3">
              <AlertRows alerts={rows} now={now} mayTake={mayTake} take={acknowledgeAction} mayClose={mayClose} close={closeAction} />
            </div>
          </Panel>
        );
      })}
      {done.length > 0 ? (
        <Panel title="Закрытые">
          <div className="pt-3">
            <AlertRows alerts={done} now={now} mayTake={false} take={acknowledgeAction} mayClose={false} close={closeAction} />
          </div>
        </Panel>
      ) : null}
    </>
  );
}

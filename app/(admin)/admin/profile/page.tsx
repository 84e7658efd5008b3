import type { Metadata } from "next";
import { requireWorld } from "../../session/world.ts";
import { setTheme } from "../../session/theme-action.ts";
import { removeTotpAction, revokeOthersAction, revokeSessionAction, setUpTotpAction } from "./actions.ts";
import { PageHead, Panel } from "@/components/admin/page-parts.tsx";
import { SessionsCard } from "@/components/admin/sessions-card.tsx";
import { ThemeSwitch } from "@/components/admin/theme-switch.tsx";
import { TotpCard } from "@/components/admin/totp-card.tsx";
import { offerTotp } from "@/lib/auth/change-totp.ts";
import { roleLabels } from "@/lib/auth/roles.ts";
import { listSessions } from "@/lib/auth/sessions.ts";

export const metadata: Metadata = { title: "Профиль" };

/** SEC-15: who works with money or keys has a second factor. */
const wantsTotp = new Set(["director", "accountant", "integrator"]);

export default async function ProfilePage() {
  const { ctx, staff } = await requireWorld();
  const sessions = await listSessions(ctx, staff.userId);
  return (
    <>
      <PageHead title="Профиль" />
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <div className="grid min-w-0 gap-4">
          <Panel title={staff.name}>
            <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-2 p-4 pt-2 text-dense sm:px-5">
              <dt className="text-muted-foreground">Почта</dt>
              <dd className="break-all">{staff.email}</dd>
              <dt className="text-muted-foreground">Роль</dt>
              <dd>{roleLabels[staff.role]}</dd>
              <dt className="text-muted-foreground">Тема</dt>
              <dd>
                <ThemeSwitch theme={staff.theme} save={setTheme} />
              </dd>
            </dl>
          </Panel>
          <SessionsCard sessions={sessions} currentId={staff.sessionId} now={ctx.now()} revoke={revokeSessionAction} revokeOthers={revokeOthersAction} />
        </div>
        <TotpCard hasTotp={staff.hasTotp} offer={staff.hasTotp ? null : offerTotp(ctx, staff)} isWanted={wantsTotp.has(staff.role)} setUp={setUpTotpAction} remove={removeTotpAction} />
      </div>
    </>
  );
}

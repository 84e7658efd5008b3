import type { SessionRow } from "@/lib/auth/sessions.ts";
import { formatDateTime } from "@/lib/kit/format.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { Ago } from "./moment.tsx";
import { Panel } from "./page-parts.tsx";
import { StateBadge } from "./state-badges.tsx";

/** «Chrome, Windows» out of a browser's long name; unknown ones stay unnamed. */
function deviceOf(agent: string | null): string {
  if (!agent) return "Неизвестное устройство";
  const browser = [["YaBrowser", "Яндекс Браузер"], ["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox", "Firefox"], ["Chrome", "Chrome"], ["Safari", "Safari"]].find(([sign]) => agent.includes(sign!))?.[1] ?? "Браузер";
  const system = [["Windows", "Windows"], ["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Mac OS", "macOS"], ["Linux", "Linux"]].find(([sign]) => agent.includes(sign!))?.[1];
  return system ? `${browser}, ${system}` : browser;
}

type Props = { sessions: readonly SessionRow[]; currentId: string; now: Date; revoke: FormAction; revokeOthers: FormAction };

export function SessionsCard({ sessions, currentId, now, revoke, revokeOthers }: Props) {
  return (
    <Panel title="Где выполнен вход">
      <ul className="num mt-2 text-dense">
        {sessions.map((session) => (
          <li key={session.sessionId} className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t px-4 py-3 sm:px-5">
            <div className="min-w-0 grow">
              <p className="flex flex-wrap items-center gap-2 font-medium">
                {deviceOf(session.userAgent)} {session.sessionId === currentId ? <StateBadge tone="success">Этот сеанс</StateBadge> : null}
              </p>
              <p className="text-muted-foreground">
                {session.ip ? `${session.ip} · ` : ""}вход {formatDateTime(session.createdAt)} · активность <Ago at={session.lastSeenAt} now={now} /> · закончится {formatDateTime(session.expiresAt)}
              </p>
            </div>
            {session.sessionId === currentId ? null : (
              <ActionForm action={revoke} label="Завершить">
                <input type="hidden" name="sessionId" value={session.sessionId} />
              </ActionForm>
            )}
          </li>
        ))}
      </ul>
      {sessions.length > 1 ? (
        <div className="border-t px-4 py-3 sm:px-5">
          <ActionForm action={revokeOthers} label="Завершить все, кроме этого" />
        </div>
      ) : null}
    </Panel>
  );
}

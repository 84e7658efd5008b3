import { Field } from "@/components/ui/field.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { qrPath } from "@/lib/kit/qr-path.ts";
import { ActionForm } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";
import { Panel } from "./page-parts.tsx";
import { StateBadge } from "./state-badges.tsx";

type Props = { hasTotp: boolean; /** A fresh secret to scan; null when the second factor is on. */ offer: { offer: string; uri: string; base32: string } | null; isWanted: boolean; setUp: FormAction; remove: FormAction };

/** The second factor: off with the way to switch it on, or on. */
export function TotpCard({ hasTotp, offer, isWanted, setUp, remove }: Props) {
  const code = offer ? qrPath(offer.uri) : null;
  return (
    <Panel title="Второй фактор" aside={<StateBadge tone={hasTotp ? "success" : isWanted ? "warning" : "neutral"}>{hasTotp ? "Включён" : "Выключен"}</StateBadge>}>
      <div className="flex flex-col gap-3 p-4 pt-2 text-dense sm:px-5">
        {hasTotp ? (
          <>
            <p>При входе нужен код из приложения на телефоне. Каждый код действует один раз.</p>
            <details>
              <summary className="inline-flex min-h-6 items-center font-medium text-primary hover:underline">Выключить или перенести на другой телефон</summary>
              <ActionForm action={remove} label="Выключить второй фактор" look="danger" className="mt-2 flex flex-col gap-3">
                <Field id="totp-password" name="password" type="password" label="Ваш пароль" autoComplete="current-password" required maxLength={512} />
              </ActionForm>
            </details>
          </>
        ) : offer && code ? (
          <>
            <p>{isWanted ? "Ваша роль работает с деньгами: включите второй фактор. " : ""}Отсканируйте код приложением для входа (Яндекс&nbsp;Ключ, Google Authenticator и подобные) и введите шесть цифр, которые оно покажет.</p>
            <div className="flex flex-wrap gap-4">
              <svg role="img" aria-label="QR-код для приложения" viewBox={`0 0 ${code.size} ${code.size}`} shapeRendering="crispEdges" className="size-40 rounded-control border bg-white text-black">
                <path d={code.path} fill="currentColor" />
              </svg>
              <div className="flex min-w-0 grow basis-52 flex-col gap-3">
                <div>
                  <p className="text-muted-foreground">Или введите ключ вручную</p>
                  <p className="flex items-center font-mono break-all">
                    {offer.base32.match(/.{1,4}/g)?.join(" ")} <CopyButton text={offer.base32} label="ключ" />
                  </p>
                </div>
                <ActionForm action={setUp} label="Включить" look="primary">
                  <input type="hidden" name="offer" value={offer.offer} />
                  <Field id="totp-code" name="code" label="Код из приложения" inputMode="numeric" autoComplete="one-time-code" pattern="[0-9 ]{6,8}" required className="num max-w-48" />
                </ActionForm>
              </div>
            </div>
          </>
        ) : null}
      </div>
    </Panel>
  );
}

import { ActionForm } from "@/components/admin/action-form.tsx";
import type { FormAction } from "@/components/admin/action-form.tsx";
import { DeliveryTryItem } from "@/components/admin/delivery-try.tsx";
import { At } from "@/components/admin/moment.tsx";
import { Panel } from "@/components/admin/page-parts.tsx";
import { byHandTitle, byHandWords } from "@/lib/exports/by-hand.ts";
import { formatTime } from "@/lib/kit/format.ts";
import type { Sending, SendingWay } from "@/lib/onec/inbox/read-sending.ts";

const words: Record<SendingWay, Record<"waits" | "given", string>> = {
  push: { waits: "Отправим в HTTP-сервис 1С", given: "HTTP-сервис 1С принял" },
  fetch: { waits: "Ждёт, когда 1С придёт за изменениями", given: "1С забрала и подтвердила" },
  notice: { waits: "Отправим уведомление об оплате", given: "1С приняла уведомление об оплате" },
  asked: { waits: "Узнает, когда спросит об оплате счёта", given: "1С спросила и узнала" },
  file: { waits: "Отдадим при следующем обмене", given: "Отдано, 1С ответила, что загрузила" },
};

const overWords = (isBookedByHand: boolean): string => (isBookedByHand ? "Проведено в 1С вручную: больше не передаём" : "Отложено сотрудником: больше не передаём");

/** How a message goes to 1C: where it stands, «Повторить», each try with 1C's answer. */
export function SendingPanel({ sending, messageId, mayRepeat, seesRaw, repeat }: { sending: Sending; messageId: string; mayRepeat: boolean; seesRaw: boolean; repeat: FormAction }) {
  const { way, state, note, byHand, tries } = sending;
  return (
    <Panel title="Передача в 1С">
      <div className="num flex flex-col gap-3 p-4 pt-1 text-dense sm:px-5">
        {/* What the exchange cannot carry is on no way. */}
        {byHand !== null && byHand !== "skipped" ? null : (
          <p className={`flex flex-wrap gap-x-2 ${state === "failing" ? "text-danger" : ""}`}>
            <span>{sending.isSending ? "Отправляется" : state === "failing" ? "Не доставлено" : state === "over" ? overWords(sending.isBookedByHand) : words[way][state]}</span>
            {state === "given" && sending.givenAt ? <At at={sending.givenAt} /> : null}
            {state === "failing" && sending.nextAt && !sending.isSending ? <span className="text-muted-foreground">следующая попытка в&nbsp;{formatTime(sending.nextAt)}</span> : null}
          </p>
        )}
        {note ? <p className="wrap-anywhere">{note}</p> : null}
        {byHand ? (
          <p>
            <span className="font-medium">{byHandTitle(byHand)}.</span> {byHandWords[byHand].why} {byHandWords[byHand].todo}
          </p>
        ) : null}
        {mayRepeat && sending.canResend ? (
          <ActionForm action={repeat} label="Повторить" isBusy={sending.isSending}>
            <input type="hidden" name="messageId" value={messageId} />
          </ActionForm>
        ) : null}
        {tries.length > 0 ? (
          <ol aria-label="Попытки" className="flex flex-col gap-2">
            {tries.map((each) => (
              <DeliveryTryItem key={each.tryId} attempt={each} takenWords="1С приняла" seesRaw={seesRaw} />
            ))}
          </ol>
        ) : null}
      </div>
    </Panel>
  );
}

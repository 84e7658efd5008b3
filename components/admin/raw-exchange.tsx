import { formatDateTime, formatDuration } from "@/lib/kit/format.ts";
import type { RawExchange } from "@/lib/reports/timeline.ts";

const actions: Record<string, string> = {
  "acquirer.open": "Создание платежа в банке", "acquirer.look": "Проверка платежа в банке", "acquirer.cancel": "Отмена платежа в банке", "acquirer.refund": "Возврат в банке", "acquirer.refunds": "Список возвратов у банка", "acquirer.capture": "Списание заблокированных денег", "acquirer.release": "Снятие блокировки", "register.send": "Отправка чека в кассу", "register.status": "Запрос о чеке у кассы", notification: "Уведомление банка",
};
const outcomes: Record<string, string> = {
  done: "получилось", refused: "отказ", unreached: "не дошло", unknown: "ответа нет", accepted: "принято", retry: "повторим", permanent: "отказ", blocked: "доступ закрыт", registered: "пробит", pending: "в работе", absent: "не найден", expired: "истёк",
  applied: "применено", received: "получено", rejected: "отклонено", ignored_stale: "без изменений", orphan: "без заказа", forged: "подпись неверна",
};

/** One message with secrets masked when it was stored. */
export function Raw({ raw }: { raw: RawExchange }) {
  return (
    <article className="min-w-0 rounded-control border">
      <p className="flex flex-wrap gap-x-3 border-b px-3 py-1.5 text-caption text-muted-foreground">
        <span className="font-medium text-foreground">{actions[raw.title] ?? raw.title}</span>
        <span>{outcomes[raw.outcome] ?? raw.outcome}</span>
        <span>{formatDateTime(raw.at)} МСК</span>
        {raw.durationMs === null ? null : <span>{formatDuration(raw.durationMs)}</span>}
      </p>
      <Payload title="Что передали" text={raw.request} />
      {raw.answer ? <Payload title="Что ответили" text={raw.answer} /> : null}
    </article>
  );
}

const Payload = ({ title, text }: { title: string; text: string }) =>
  text === "" ? null : (
    <pre tabIndex={0} aria-label={title} role="region" className="max-h-72 overflow-auto border-b px-3 py-2 font-mono text-caption break-all whitespace-pre-wrap last:border-b-0">
      {text}
    </pre>
  );

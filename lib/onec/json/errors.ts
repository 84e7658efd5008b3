import { z } from "zod";
import { DomainError, httpStatusOf } from "@/lib/kit/errors.ts";

/** A refused call. Every field is always there: 1C code fails on a missing one. */
export const ErrorAnswer = z
  .object({
    code: z.string().meta({ description: "Код ошибки, см. таблицу." }),
    msg: z.string().meta({ description: "Что случилось и что сделать, по-русски." }),
    field: z.string().meta({ description: "Имя поля или параметра, к которому относится ошибка; пусто, если ни к какому." }),
    line: z.int().meta({ description: "Строка тела, с которой JSON не читается; 0 у других ошибок." }),
    position: z.int().meta({ description: "Позиция в этой строке, с 1; 0 у других ошибок." }),
    cursor: z.string().meta({ description: "Где стоит курсор, при отказе подтвердить; иначе пусто." }),
    requestId: z.string().meta({ description: "Номер обращения: назовите его, когда пишете в поддержку." }),
  })
  .meta({ id: "Error" });
export type ErrorAnswer = z.output<typeof ErrorAnswer>;

/** What each status means and what the code of 1C should do. */
export const statusWords: Record<number, { code: string; text: string }> = {
  400: { code: "bad_json", text: "Тело не читается как JSON; line и position показывают место. Исправьте и повторите." },
  401: { code: "unauthorized", text: "Нет логина и пароля, или они неверны. Проверьте настройки соединения." },
  403: { code: "door_closed", text: "Логин верный, но обмен по JSON для этой базы выключен в настройках сайта." },
  404: { code: "not_found", text: "Нет такого адреса, заказа, возврата или документа." },
  405: { code: "method", text: "Адрес есть, но у него другой метод HTTP." },
  409: { code: "conflict", text: "Состояние не то: чужой курсор, повтор с другим содержанием, деньги этой базе передаются другим способом." },
  413: { code: "too_large", text: "Слишком много: больше объектов в пакете или байт в теле, чем принимаем. Разбейте." },
  415: { code: "encoding", text: "Тело сжато (Content-Encoding): отправьте как есть." },
  422: { code: "invalid", text: "JSON читается, но не подходит: причина в msg, поле в field." },
  429: { code: "too_many", text: "Слишком часто: повторите через столько секунд, сколько в заголовке Retry-After." },
  500: { code: "internal", text: "Ошибка на нашей стороне: повторите позже, повтор безопасен. Если не проходит, сообщите requestId." },
  503: { code: "unavailable", text: "Сайт ненадолго недоступен: повторите через Retry-After секунд, повтор безопасен." },
};

/** A refusal on its way to the client. */
export class CallRefused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly more: Partial<ErrorAnswer> = {},
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
    this.name = "CallRefused";
  }
}

export const errorAnswer = (status: number, msg: string, requestId: string, more: Partial<ErrorAnswer> = {}): ErrorAnswer => ({
  code: statusWords[status]?.code ?? "error", msg, field: "", line: 0, position: 0, cursor: "", ...more, requestId,
});

/** Expected failures keep their words, the rest becomes a number that staff can look up. */
export function refusalOf(error: unknown): CallRefused {
  if (error instanceof CallRefused) return error;
  if (error instanceof DomainError) {
    return new CallRefused(httpStatusOf[error.code], error.message, { field: error.details["field"] ?? "", cursor: error.details["cursor"] ?? "" }, error.code === "unavailable" ? { "retry-after": "30" } : {});
  }
  const isAway = error instanceof Error && "code" in error && typeof error.code === "string" && /^(?:CONNECT|ECONN|EPIPE|ETIMEDOUT|08|53|57|25)/.test(error.code);
  return isAway ? new CallRefused(503, "Сайт временно недоступен, повторите через полминуты", {}, { "retry-after": "30" }) : new CallRefused(500, "Внутренняя ошибка сайта, повторите позже");
}

import { lengthHeaders } from "@/lib/kit/body-length.ts";
import type { ExchangeAnswer } from "./handle-exchange.ts";
import { MalformedExchangeFile, failure } from "./wire/index.ts";

/** An answer and the sentence about it for our log (A9). */
export type Handled = { answer: ExchangeAnswer; summary: string };

/** `no-transform`: a proxy or Next itself that compresses would spoil the length that 1C counts on (pitfall P7). */
const common = { "cache-control": "no-store, no-transform", "x-content-type-options": "nosniff" };

const withLength = (status: number, contentType: string, body: string): ExchangeAnswer => ({
  status,
  headers: { ...common, "content-type": contentType, ...lengthHeaders(Buffer.byteLength(body)) },
  body,
});

export const plain = (body: string, summary: string): Handled => ({ answer: withLength(200, "text/plain; charset=utf-8", body), summary });

/** CML-15. */
export const xml = (body: string, summary: string): Handled => ({ answer: withLength(200, "application/xml; charset=utf-8", body), summary });

/** A file that cannot be read tells its reason itself. */
export const ofMalformed = (error: unknown): Handled | null => (error instanceof MalformedExchangeFile ? plain(failure(error.message), error.message) : null);

/** commerceml.md 3.8. */
export const humanPage = (): ExchangeAnswer =>
  withLength(
    400,
    "text/html; charset=utf-8",
    `<!doctype html><html lang="ru"><meta charset="utf-8"><title>Обмен с 1С</title><body><h1>Это адрес обмена с 1С</h1>
<p>Укажите его в настройках обмена с сайтом в 1С вместе с логином и паролем. В браузере здесь смотреть нечего.</p></body></html>`,
  );

/**
 * Texts of the exchange protocol (commerceml.md 3): lines with a single LF between them, none at the end, no BOM.
 * УТ counts lines and does not trim values, so every line is made harmless here.
 */

const lineLengthMax = 250;

/** One line without control characters, short enough for the log of 1C (CML-6). */
export function oneLine(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const plain = text.replace(/[\u0000-\u001F\u007F\u2028\u2029\s]+/gu, " ").trim();
  return plain.length <= lineLengthMax ? plain : `${plain.slice(0, lineLengthMax - 1)}…`;
}

const answer = (...lines: string[]) => lines.join("\n");

/** Further lines are logged by УТ. */
export const success = (...notes: string[]): string => answer("success", ...notes.map(oneLine));

export const failure = (reason: string): string => answer("failure", oneLine(reason));

/** Makes УТ call again at once and УНФ after 5 seconds: work 20 to 25 seconds before answering it. */
export const progress = (text: string): string => answer("progress", oneLine(text));

export type Init = {
  zip: boolean;
  fileLimitBytes: number;
  /** Only for a request that carried `version`: the other clients stop at anything but two lines. */
  bitrix?: { sessid: string; version: string };
};

export const init = ({ zip, fileLimitBytes, bitrix }: Init): string =>
  answer(
    `zip=${zip ? "yes" : "no"}`,
    `file_limit=${fileLimitBytes}`,
    ...(bitrix ? [`sessid=${token(bitrix.sessid)}`, `version=${oneLine(bitrix.version)}`] : []),
  );

/** 1C sends `Cookie: name=value` itself from lines 2 and 3, and `&sessid=…` from line 4. */
export const checkauth = (session: { cookieName: string; cookieValue: string; sessid: string }): string =>
  answer("success", token(session.cookieName), token(session.cookieValue), `sessid=${token(session.sessid)}`);

function token(value: string): string {
  if (!/^[\w-]{1,128}$/.test(value)) throw new RangeError("a session value must be letters, digits, - and _");
  return value;
}

/** CML-23: one line that names the refused orders and why; the rest of `count` is counted. */
export function refusalReason(refusals: readonly { number: string; reason: string }[], count = refusals.length): string {
  const shown: string[] = [];
  for (const { number, reason } of refusals) {
    const next = number ? `Заказ ${number}: ${reason}` : `Заказ без номера: ${reason}`;
    if (shown.length > 0 && [...shown, next].join("; ").length > lineLengthMax - 30) break;
    shown.push(next);
  }
  const rest = count - shown.length;
  return shown.join("; ") + (rest > 0 ? `; и ещё отказов: ${rest}` : "");
}

import { createTransport } from "nodemailer";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { MINUTE_MS, addMs } from "@/lib/kit/time.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { composeBill } from "./compose-bill.ts";
import { composeDocument } from "./compose-document.ts";
import { composeLetter } from "./compose-letter.ts";
import type { Letter, LetterTemplate } from "./templates.ts";

const SEND_LIMIT_MS = 20_000;
/** Longer than the commands of one letter may last together: a worker that died with it is forgotten then. */
const CLAIM_MS = 5 * MINUTE_MS;
/** Pauses after a failed try: about a day, then the letter has failed. */
const pauses = [1, 5, 15, 60, 180, 360, 720].map((minutes) => minutes * MINUTE_MS);
const TRIES = pauses.length + 1;

const composers: Record<LetterTemplate, (ctx: Ctx, row: Row) => Promise<Letter | null>> = { paid: composeLetter, refund: composeLetter, bill: composeBill, document: composeDocument };

type Row = { letterId: string; orderId: string; template: LetterTemplate; recipient: string; params: Record<string, string>; sendCount: number };

/**
 * Job: sends a letter that is owed. However many jobs name it, one sends it, unless the process dies between the mail server's
 * answer and our note: a second letter is a smaller harm than none. A failed try plans the next one; a letter that the server
 * refuses for good, or that ran out of tries, is `failed`.
 */
export async function sendLetter(ctx: Ctx, letterId: string): Promise<void> {
  const { sql } = ctx.database;
  const [row] = await sql<Row[]>`
    update letters set send_count = send_count + 1, next_try_at = ${addMs(ctx.now(), CLAIM_MS)}
     where id = ${letterId} and state = 'queued' and (next_try_at is null or next_try_at <= ${ctx.now()}) returning id as letter_id, order_id, template, recipient, params, send_count`;
  if (!row) return;
  try {
    const letter = await composers[row.template](ctx, row);
    const [mail] = await sql<{ id: string }[]>`
      select c.id from connections c join orders o on o.id = ${row.orderId} where c.kind = 'mail' and c.enabled
         and c.environment = (case when o.is_test then 'test' else 'live' end) order by c.priority, c.created_at limit 1`;
    if (!letter || !mail) {
      await sql`update letters set state = 'cancelled', fail_text = ${letter ? "почта не подключена" : "письмо больше не нужно"} where id = ${letterId} and state = 'queued'`;
      return;
    }
    await post(ctx, mail.id, row, letter);
  } catch (error) {
    await noteFailure(ctx, row, error);
    return;
  }
  await inTransaction(ctx, async (tx) => {
    const [sent] = await tx`update letters set state = 'sent', sent_at = ${ctx.now()}, fail_text = null, next_try_at = null where id = ${letterId} and state = 'queued' returning id`;
    if (sent) await recordEvent(ctx, tx, { orderId: row.orderId, kind: "letter.sent", subjectId: letterId, detail: { template: row.template } });
  });
}

async function post(ctx: Ctx, connectionId: string, row: Row, letter: Letter): Promise<void> {
  const { settings, secret } = await loadConnection(ctx, connectionId);
  const transport = createTransport({
    host: String(settings["host"]),
    port: Number(settings["port"]),
    secure: settings["secure"] === true,
    ...(secret["password"] && { auth: { user: String(settings["user"] ?? ""), pass: secret["password"] } }),
    connectionTimeout: SEND_LIMIT_MS,
    greetingTimeout: SEND_LIMIT_MS,
    socketTimeout: SEND_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    // The stable id lets a mail system drop the second copy of one letter.
    await transport.sendMail({ from: String(settings["from"]), to: row.recipient, subject: letter.subject, text: letter.text, html: letter.html, messageId: `<${row.letterId}@kopeyka>` });
  } finally {
    transport.close();
  }
}

async function noteFailure(ctx: Ctx, row: Row, error: unknown): Promise<void> {
  const nextAt = isRefused(error) || row.sendCount >= TRIES ? null : addMs(ctx.now(), pauses[row.sendCount - 1]!);
  const text = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  await inTransaction(ctx, async (tx) => {
    const [noted] = await tx`
      update letters set state = ${nextAt ? "queued" : "failed"}, next_try_at = ${nextAt}, fail_text = ${text} where id = ${row.letterId} and state = 'queued' returning id`;
    if (noted && nextAt) await ctx.enqueue(tx, "letter.send", { letterId: row.letterId }, { startAfter: nextAt });
  });
}

/** The server will never take this letter (5xx). A refused sign-in is our setting, not the letter: it may be corrected. */
function isRefused(error: unknown): boolean {
  const { responseCode, code } = error as { responseCode?: number; code?: string };
  return responseCode !== undefined && responseCode >= 500 && code !== "EAUTH";
}

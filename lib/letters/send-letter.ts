import { createTransport } from "nodemailer";
import { loadConnection } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { formatDateTime, formatMoney } from "@/lib/kit/format.ts";
import { payMethodLabels } from "@/lib/ledger/index.ts";
import type { PayMethodCode } from "@/lib/ledger/index.ts";
import { recordEvent } from "@/lib/orders/record-event.ts";
import { paidLetter } from "./templates.ts";
import type { Letter } from "./templates.ts";

const SEND_LIMIT_MS = 20_000;

type Row = { letterId: string; orderId: string; recipient: string; state: string; params: Record<string, string>; sendCount: number };

/**
 * Job: sends a letter that is owed. Run twice it sends once, unless the process dies between the mail server's answer and our
 * note: a second letter is a smaller harm than none. Throws when the mail server fails; the queue repeats.
 */
export async function sendLetter(ctx: Ctx, letterId: string): Promise<void> {
  const { sql } = ctx.database;
  const [row] = await sql<Row[]>`select id as letter_id, order_id, recipient, state, params, send_count from letters where id = ${letterId}`;
  if (!row || row.state !== "queued") return;
  const letter = await compose(ctx, row);
  const [mail] = await sql<{ id: string }[]>`
    select c.id from connections c join orders o on o.id = ${row.orderId} where c.kind = 'mail' and c.enabled
       and c.environment = (case when o.is_test then 'test' else 'live' end) order by c.priority, c.created_at limit 1`;
  if (!letter || !mail) {
    await sql`update letters set state = 'cancelled', fail_text = ${letter ? "почта не подключена" : "письмо больше не нужно"} where id = ${letterId} and state = 'queued'`;
    return;
  }
  const connection = await loadConnection(ctx, mail.id);
  const { settings, secret } = connection;
  const transport = createTransport({
    host: String(settings["host"]),
    port: Number(settings["port"]),
    secure: settings["secure"] === true,
    ...(secret["password"] && { auth: { user: String(settings["user"] ?? ""), pass: secret["password"] } }),
    connectionTimeout: SEND_LIMIT_MS,
    socketTimeout: SEND_LIMIT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    // The stable id lets a mail system drop the second copy of one letter.
    await transport.sendMail({ from: String(settings["from"]), to: row.recipient, subject: letter.subject, text: letter.text, html: letter.html, messageId: `<${letterId}@kopeyka>` });
  } catch (error) {
    await sql`update letters set send_count = send_count + 1, fail_text = ${(error instanceof Error ? error.message : String(error)).slice(0, 300)} where id = ${letterId}`;
    throw error;
  } finally {
    transport.close();
  }
  await inTransaction(ctx, async (tx) => {
    const [sent] = await tx`update letters set state = 'sent', sent_at = ${ctx.now()}, send_count = send_count + 1, fail_text = null where id = ${letterId} and state = 'queued' returning id`;
    if (sent) await recordEvent(ctx, tx, { orderId: row.orderId, kind: "letter.sent", subjectId: letterId });
  });
}

type Facts = { number: string; amountKopecks: bigint; method: PayMethodCode; occurredAt: Date; brandName: string; legalName: string; phone: string; token: string | null; receiptUrl: string | null; receiptState: string | null };

async function compose(ctx: Ctx, row: Row): Promise<Letter | null> {
  const [facts] = await ctx.database.sql<Facts[]>`
    select o.number, f.amount_kopecks, f.method, f.occurred_at, s.brand_name, s.legal_name, s.phone,
           (select l.token from payment_links l where l.order_id = o.id order by l.created_at desc limit 1) as token, r.receipt_url, r.state as receipt_state
      from money_facts f join allocations a on a.fact_id = f.id join orders o on o.id = a.order_id join seller_orgs s on s.id = o.seller_org_id
      left join receipts r on r.fact_id = f.id and r.state <> 'cancelled' where f.id = ${row.params["factId"] ?? null} and o.id = ${row.orderId} limit 1`;
  if (!facts) return null;
  return paidLetter({
    orderNumber: facts.number,
    amount: formatMoney(facts.amountKopecks),
    method: payMethodLabels[facts.method],
    paidAt: `${formatDateTime(facts.occurredAt, ctx.zone)} МСК`,
    shop: facts.brandName,
    seller: facts.legalName,
    phone: facts.phone,
    pageUrl: facts.token ? `${ctx.publicUrl}/pay/${facts.token}` : ctx.publicUrl,
    receiptUrl: facts.receiptState === "registered" ? (facts.receiptUrl ?? "") : "",
  });
}

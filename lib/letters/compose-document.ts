import type { Ctx } from "@/lib/context.ts";
import { documentKindLabels } from "@/lib/documents/index.ts";
import type { DocumentKind } from "@/lib/documents/index.ts";
import { formatDateLong, formatMoney, NBSP } from "@/lib/kit/format.ts";
import { localDate } from "@/lib/kit/time.ts";
import { documentLetter } from "./templates.ts";
import type { Letter } from "./templates.ts";

type Facts = { kind: DocumentKind; docNumber: string | null; documentDate: string | null; amountKopecks: bigint | null; number: string; brandName: string; legalName: string; phone: string; expiresAt: Date; token: string | null };

/** The letter about a document of 1C; null when it was taken back meanwhile, or its address has ended. */
export async function composeDocument(ctx: Ctx, row: { orderId: string; params: Record<string, string> }): Promise<Letter | null> {
  const [facts] = await ctx.database.sql<Facts[]>`
    select d.kind, d.number as doc_number, d.document_date, d.amount_kopecks, o.number, s.brand_name, s.legal_name, s.phone, k.expires_at,
           (select l.token from payment_links l where l.order_id = o.id order by l.created_at desc limit 1) as token
      from document_links k join documents d on d.id = k.document_id join orders o on o.id = d.order_id join seller_orgs s on s.id = o.seller_org_id
     where k.token = ${row.params["token"] ?? ""} and d.hidden_at is null and o.id = ${row.orderId} and k.expires_at > ${ctx.now()}`;
  if (!facts) return null;
  return documentLetter({
    what: `${documentKindLabels[facts.kind]}${facts.docNumber ? ` №${NBSP}${facts.docNumber}` : ""}${facts.documentDate ? ` от ${formatDateLong(facts.documentDate)}` : ""}`,
    amount: facts.amountKopecks === null ? "" : formatMoney(facts.amountKopecks),
    orderNumber: facts.number,
    shop: facts.brandName,
    seller: facts.legalName,
    phone: facts.phone,
    fileUrl: `${ctx.publicUrl}/d/${row.params["token"]}`,
    until: formatDateLong(localDate(facts.expiresAt, ctx.zone)),
    pageUrl: facts.token ? `${ctx.publicUrl}/pay/${facts.token}` : ctx.publicUrl,
  });
}

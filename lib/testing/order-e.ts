/** Order E of domain 3.7 as 1C uploads it, and as the pay page sees it. */
import type { DraftLine } from "@/lib/onec/wire/index.ts";
import { vatFromGross } from "@/lib/kit/vat.ts";
import type { MadeOrder } from "./an-order.ts";
import { aDraft, aLine, aPerson, upload } from "./drafts.ts";
import type { GivenDraft } from "./drafts.ts";
import type { MoneyWorld } from "./money-world.ts";

/** Kettle 4 990.00 at 22 %, two books 1 291.00 at 10 %, delivery 350.00 at 22 %. Each call makes other goods of the same names. */
export function linesE(): [kettle: DraftLine, books: DraftLine, delivery: DraftLine] {
  return [
    aLine({ position: 1, name: "Чайник", sumKopecks: 499_000n }),
    { ...aLine({ position: 2, name: "Книга", sumKopecks: 129_100n }), quantity: "2", priceKopecks: 64_550n, vat: "vat10", vatKopecks: vatFromGross(129_100n, "vat10") },
    { ...aLine({ position: 3, name: "Доставка", sumKopecks: 35_000n }), service: true },
  ];
}

/** The same goods, fewer or cheaper. */
export const lineOf = (line: DraftLine, quantity: string, sumKopecks: bigint): DraftLine => ({ ...line, quantity, sumKopecks, vatKopecks: vatFromGross(sumKopecks, line.vat) });

/** An uploaded order by its number, with its present link. */
export async function uploadedOrder(t: MoneyWorld, number: string): Promise<MadeOrder> {
  const { sql } = t.ctx.database;
  const [order] = await sql<{ orderId: string; number: string; totalKopecks: bigint }[]>`select id as order_id, number, total_kopecks from orders where number = ${number}`;
  const [link] = await sql<NonNullable<MadeOrder["link"]>[]>`select id as link_id, order_id, token, state, amount_kopecks, revision_no, valid_until from payment_links where order_id = ${order!.orderId} and state = 'active'`;
  return { ...order!, link: link ?? null };
}

/** Order E of a person, uploaded; `given` says what is other about it. */
export async function anUploaded(t: MoneyWorld, given: GivenDraft = {}) {
  const draft = aDraft({ lines: linesE(), buyer: aPerson({ email: "ivanov@example.ru" }), ...given });
  await upload(t, t.shop, draft);
  return { draft, order: await uploadedOrder(t, draft.number) };
}

/** State of an upload in which all of the order has left. */
export const shippedAs = (number: string) => ({ shipped: { number, dateLocal: "2026-11-20T15:00:00" } });

/** Lines of the order as it stands now. */
export const lineIds = (t: MoneyWorld, orderId: string) => t.ctx.database.sql<{ id: string; name: string }[]>`
  select l.id, l.name from order_lines l join order_revisions v on v.id = l.revision_id join orders o on o.id = v.order_id and o.revision_no = v.no where o.id = ${orderId} order by l.line_no`;

import type { Ctx } from "@/lib/context.ts";
import { invalid, notFound } from "@/lib/kit/errors.ts";
import type { PayerKind } from "@/db/schema/index.ts";
import { uuidOrNull } from "@/lib/kit/ids.ts";

/** Whose money a person says a credit is: an order found by its number, or a payer found by INN. */
export type BankLineTarget = {
  line: { amountKopecks: bigint; receivedOn: string; payerName: string | null };
  to: { kind: "order"; orderId: string; number: string; buyerName: string; payerKind: PayerKind } | { kind: "counterparty"; counterpartyId: string; name: string };
};

/**
 * Finds what a person has named in words for `bindBankLine`; changes nothing. Of several rows of one company the one that ordered from
 * this seller last. Throws `not_found`, `invalid` (details.field: orderNumber, inn).
 */
export async function findBankLineTarget(ctx: Ctx, input: { bankLineId: string; orderNumber: string; inn: string }): Promise<BankLineTarget> {
  const { sql } = ctx.database;
  const [line] = await sql<{ amountKopecks: bigint; receivedOn: string; payerName: string | null; isTest: boolean; sellerOrgId: string | null }[]>`
    select l.amount_kopecks, l.received_on::text, l.payer_name, l.is_test, a.seller_org_id
      from bank_statement_lines l join bank_statements b on b.id = l.statement_id left join bank_accounts a on a.id = b.bank_account_id where l.id = ${uuidOrNull(input.bankLineId)} and l.direction = 'credit'`;
  if (!line) throw notFound("Поступление не найдено");
  const number = input.orderNumber.trim().replace(/^№\s*/u, "");
  const inn = input.inn.trim();
  if (number !== "" && inn !== "") throw invalid("Укажите что-то одно: заказ или ИНН плательщика", { field: "inn" });
  if (number === "" && inn === "") throw invalid("Укажите номер заказа или ИНН плательщика", { field: "orderNumber" });
  const { amountKopecks, receivedOn, payerName } = line;
  if (number !== "") {
    const found = await sql<{ orderId: string; number: string; buyerName: string; payerKind: PayerKind }[]>`
      select id as order_id, number, buyer_name, payer_kind from orders where is_test = ${line.isTest} and (number = ${number} or onec_number = ${number}) limit 2`;
    if (!found[0]) throw invalid("Заказа с таким номером нет", { field: "orderNumber" });
    if (found.length > 1) throw invalid("Заказов с таким номером несколько: укажите номер в 1С", { field: "orderNumber" });
    return { line: { amountKopecks, receivedOn, payerName }, to: { kind: "order", ...found[0] } };
  }
  const [payer] = await sql<{ counterpartyId: string; name: string }[]>`
    select c.id as counterparty_id, c.name from counterparties c
      left join lateral (select max(o.order_date) as last from orders o where o.counterparty_id = c.id and o.is_test = ${line.isTest} and (${line.sellerOrgId}::uuid is null or o.seller_org_id = ${line.sellerOrgId}::uuid)) w on true
     where c.inn = ${inn} order by w.last desc nulls last, c.created_at, c.id limit 1`;
  if (!payer) throw invalid("Плательщика с таким ИНН нет: он появится с первым заказом из 1С", { field: "inn" });
  return { line: { amountKopecks, receivedOn, payerName }, to: { kind: "counterparty", ...payer } };
}

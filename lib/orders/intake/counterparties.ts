import type { Tx } from "@/db/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId } from "@/lib/kit/ids.ts";
import type { DraftBuyer } from "@/lib/onec/wire/order-draft.ts";
import type { DeferralTerms } from "@/lib/orders/due-date.ts";
import { sameContact } from "./shared-fields.ts";
import type { SharedFields } from "./shared-fields.ts";

export type KnownBuyer = { counterpartyId: string; terms: DeferralTerms | null; /** What staff have corrected counts here too; left out: the document's own. */ name?: string };

type TermColumns = { deferralDays: number | null; deferralDayKind: DeferralTerms["dayKind"] | null; deferralBase: DeferralTerms["base"] | null };
type Row = TermColumns & { id: string; onecGuid: string; shownName: string };

/** The key of a buyer in one 1C base: its reference, else INN and KPP of a company without one; null for a stranger. */
export const buyerKey = (buyer: DraftBuyer): string | null => buyer.ref ?? (buyer.inn ? `inn:${buyer.inn}:${buyer.kpp ?? ""}` : null);

/**
 * Brings the buyers of a batch up to date and returns them by key. Contacts that 1C does not send (stock УТ sends none) are
 * kept; terms are staff's and stay; what staff set is merged (`shared`). One statement, nothing written when nothing changed.
 */
export async function upsertBuyers(ctx: Ctx, tx: Tx, connectionId: string, buyers: Iterable<DraftBuyer>, shared: SharedFields): Promise<Map<string, KnownBuyer>> {
  const byKey = new Map<string, DraftBuyer>();
  for (const buyer of buyers) {
    const key = buyerKey(buyer);
    if (key !== null) byKey.set(key, buyer);
  }
  if (byKey.size === 0) return new Map();
  // Sorted: two batches that wait for each other's rows must wait in one order.
  const keys = [...byKey.keys()].sort();
  const rows = keys.map((key) => {
    const b = merged(byKey.get(key)!, shared.buyerIds.get(key), shared);
    return { id: newId(), key, kind: b.kind, name: b.name || b.fullName, official: b.fullName || null, inn: b.inn, kpp: b.kpp, address: b.address, email: b.email, phone: b.phone };
  });
  const found = await tx<Row[]>`
    with given as (
      select * from json_to_recordset(${JSON.stringify(rows)}::text::json)
        as g(id uuid, key text, kind text, name text, official text, inn text, kpp text, address text, email text, phone text)
    ), written as (
      insert into counterparties as c (id, onec_connection_id, onec_guid, payer_kind, name, official_name, inn, kpp, address, email, phone, created_at, updated_at)
      select id, ${connectionId}::uuid, key, kind, name, official, inn, kpp, address, email, phone, ${ctx.now()}::timestamptz, ${ctx.now()}::timestamptz from given
      on conflict (onec_connection_id, onec_guid) do update set payer_kind = excluded.payer_kind, name = excluded.name, official_name = excluded.official_name,
        inn = excluded.inn, kpp = excluded.kpp, address = coalesce(excluded.address, c.address), email = coalesce(excluded.email, c.email),
        phone = coalesce(excluded.phone, c.phone), updated_at = excluded.updated_at
      where (c.payer_kind, c.name, c.official_name, c.inn, c.kpp, c.address, c.email, c.phone) is distinct from
        (excluded.payer_kind, excluded.name, excluded.official_name, excluded.inn, excluded.kpp, coalesce(excluded.address, c.address),
         coalesce(excluded.email, c.email), coalesce(excluded.phone, c.phone))
      returning id, onec_guid, deferral_days, deferral_day_kind, deferral_base, coalesce(official_name, name) as shown_name
    )
    select * from written
    union all
    select c.id, c.onec_guid, c.deferral_days, c.deferral_day_kind, c.deferral_base, coalesce(c.official_name, c.name) from counterparties c
     where c.onec_connection_id = ${connectionId} and c.onec_guid = any(${keys}) and not exists (select 1 from written w where w.id = c.id)`;
  return new Map(found.map((row) => [row.onecGuid, { counterpartyId: row.id, terms: termsOf(row), name: row.shownName }]));
}

const sharedColumns = [["fullName", "buyer.officialName"], ["inn", "buyer.inn"], ["kpp", "buyer.kpp"], ["address", "buyer.address"], ["email", "buyer.email"], ["phone", "buyer.phone"]] as const;

/** Fields that staff have set keep their value until 1C says something new, and then a person or a rule decides. */
function merged(buyer: DraftBuyer, counterpartyId: string | undefined, shared: SharedFields): DraftBuyer {
  if (counterpartyId === undefined) return buyer;
  const result = { ...buyer };
  for (const [column, field] of sharedColumns) {
    const edit = shared.editOf(counterpartyId, field);
    // While our word stands, the present value is ours.
    if (edit) result[column] = shared.merge({ objectType: "counterparty", objectId: counterpartyId, orderId: null, counterpartyId }, field, { present: edit.ours, theirs: buyer.unsaid?.includes(column) ? null : buyer[column] || null, isSame: sameContact }) ?? "";
  }
  return { ...result, inn: result.inn || null, kpp: result.kpp || null, address: result.address || null, email: result.email || null, phone: result.phone || null };
}

/** Terms as a counterparty's columns hold them; null without a deferral. */
export const termsOf = ({ deferralDays, deferralDayKind, deferralBase }: TermColumns): DeferralTerms | null =>
  deferralDays !== null && deferralDays > 0 ? { days: deferralDays, dayKind: deferralDayKind ?? "calendar", base: deferralBase ?? "shipment_date" } : null;

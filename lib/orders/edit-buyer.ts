import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { fieldOf, ownEditWrite } from "@/lib/conflicts/index.ts";
import type { SharedField } from "@/lib/conflicts/index.ts";
import type { Ctx } from "@/lib/context.ts";
import { parseContact } from "@/lib/kit/contact.ts";
import { conflict, invalid } from "@/lib/kit/errors.ts";
import { digitsOnly, innProblem } from "@/lib/kit/inn.ts";
import { isKpp } from "@/lib/kit/requisites.ts";
import { editOrder } from "./edit-order.ts";

/** Requisites of a company as a person typed them; an e-mail or phone left empty stays as it is, because the form does not show them. */
export type BuyerRequisites = { officialName: string; inn: string; kpp: string; address: string; email: string; phone: string };

const columns = { officialName: "official_name", inn: "inn", kpp: "kpp", address: "address", email: "email", phone: "phone" } as const satisfies Record<keyof BuyerRequisites, string>;
type Row = Record<keyof BuyerRequisites, string | null> & { payerKind: string; onecConnectionId: string | null; name: string };

/** Corrects the requisites of the order's buyer, for all orders of his. Throws `forbidden`, `not_found`, `invalid` (details.field), `conflict` for a private person. */
export async function changeRequisites(ctx: Ctx, input: { orderId: string } & BuyerRequisites): Promise<void> {
  await editOrder(ctx, input.orderId, "terms.change", async (tx, { counterpartyId }) => {
    if (counterpartyId === null) throw conflict("У этого заказа нет организации: её присылает 1С");
    const [row] = await tx<Row[]>`select official_name, inn, kpp, address, email, phone, payer_kind, onec_connection_id, name from counterparties where id = ${counterpartyId} for no key update`;
    if (row!.payerKind === "individual") throw conflict("Покупатель не организация: исправьте контакт заказа");
    const wanted = checked(input, row!);
    const changed = (Object.keys(columns) as (keyof BuyerRequisites)[]).filter((key) => wanted[key] !== row![key]);
    if (changed.length === 0) return false;
    await tx`update counterparties set ${tx(Object.fromEntries(changed.map((key) => [columns[key], wanted[key]])))}, updated_at = ${ctx.now()} where id = ${counterpartyId}`;
    if (changed.includes("officialName")) await tx`update orders set buyer_name = ${wanted.officialName ?? row!.name} where counterparty_id = ${counterpartyId}`;
    if (row!.onecConnectionId !== null) for (const key of changed) await noteEdit(ctx, tx, counterpartyId, key, row![key], wanted[key]);
    await recordAudit(ctx, tx, { action: "requisites.changed", objectType: "counterparty", objectId: counterpartyId, after: { fields: changed.map((key) => fieldOf(`buyer.${key}`).label).join(", "), orderId: input.orderId } });
    return true;
  }, { withBuyer: true });
}

const noteEdit = (ctx: Ctx, tx: Tx, objectId: string, key: keyof BuyerRequisites, before: string | null, after: string | null) =>
  ownEditWrite(ctx, tx, { objectType: "counterparty", objectId, field: `buyer.${key}` satisfies SharedField, before, after });

function checked(given: BuyerRequisites, row: Row): Record<keyof BuyerRequisites, string | null> {
  const text = (key: keyof BuyerRequisites, max: number) => {
    const value = given[key].trim();
    if (value.length > max) throw invalid(`Не длиннее ${max} знаков`, { field: key });
    return value || null;
  };
  const officialName = text("officialName", 255);
  if (officialName === null) throw invalid("Укажите название организации", { field: "officialName" });
  const inn = digitsOnly(given.inn) || null;
  if (inn === null) throw invalid("Укажите ИНН", { field: "inn" });
  const problem = innProblem(inn);
  const digits = row.payerKind === "sole_proprietor" ? 12 : 10;
  if (problem === "format" || inn.length !== digits) throw invalid(`ИНН: нужно ${digits} цифр`, { field: "inn" });
  // One that 1C sent so is warned about elsewhere and does not stop other corrections (INV-12).
  if (problem !== null && inn !== row.inn) throw invalid("ИНН не проходит проверку: исправьте цифры", { field: "inn" });
  const kpp = digitsOnly(given.kpp).toUpperCase() || null;
  if (kpp !== null && (row.payerKind === "sole_proprietor" || !isKpp(kpp))) throw invalid(row.payerKind === "sole_proprietor" ? "У предпринимателя нет КПП" : "КПП: девять знаков", { field: "kpp" });
  return { officialName, inn, kpp, address: text("address", 500), email: contactOf(given.email, "email", row.email), phone: contactOf(given.phone, "phone", row.phone) };
}

function contactOf(typed: string, kind: "email" | "phone", before: string | null): string | null {
  if (typed.trim() === "") return before;
  const parsed = parseContact(typed);
  if ("error" in parsed || parsed.kind !== kind) throw invalid(kind === "email" ? "Проверьте e-mail" : "Проверьте телефон: нужен номер с кодом", { field: kind });
  return parsed.value;
}

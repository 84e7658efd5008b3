import type { Tx } from "@/db/index.ts";
import { invalid } from "@/lib/kit/errors.ts";
import { digitsOnly, innProblem } from "@/lib/kit/inn.ts";
import { isKpp } from "@/lib/kit/requisites.ts";

/** What a buyer types when 1C did not name the company. */
export type TypedBuyer = { inn: string; kpp: string; name: string; address: string };
export type InvoiceParty = { name: string; inn: string | null; kpp: string | null; address: string | null; phone: string | null };

const NAME_MAX = 160;
const ADDRESS_MAX = 250;

/** The company as 1C knows it; null when 1C named no company with an INN. What 1C sent is not changed by a buyer. */
export async function buyerFromOnec(tx: Tx, counterpartyId: string | null): Promise<InvoiceParty | null> {
  if (!counterpartyId) return null;
  const [row] = await tx<(InvoiceParty & { payerKind: string })[]>`
    select coalesce(official_name, name) as name, inn, kpp, address, phone, payer_kind from counterparties where id = ${counterpartyId}`;
  if (!row?.inn || (row.payerKind !== "organization" && row.payerKind !== "sole_proprietor")) return null;
  return { name: row.name, inn: row.inn, kpp: row.kpp, address: row.address, phone: row.phone };
}

/** Checks typed requisites (INV-12). Throws `invalid` with `details.field`. */
export function checkTypedBuyer(typed: TypedBuyer): InvoiceParty {
  const inn = digitsOnly(typed.inn);
  const problem = innProblem(inn);
  if (problem === "format") throw invalid("В ИНН 10 цифр у организации и 12 у ИП", { field: "inn" });
  if (problem === "checksum") throw invalid("Проверьте ИНН: контрольная цифра не сходится", { field: "inn" });
  const name = typed.name.replace(/\s+/gu, " ").trim();
  if (name.length < 2) throw invalid("Напишите название организации или ФИО предпринимателя", { field: "name" });
  if (name.length > NAME_MAX) throw invalid(`Название длиннее ${NAME_MAX} знаков`, { field: "name" });
  const kpp = digitsOnly(typed.kpp).toUpperCase();
  // A sole trader has none (INV-7).
  if (inn.length === 10 && kpp !== "" && !isKpp(kpp)) throw invalid("В КПП девять знаков, например 770101001", { field: "kpp" });
  const address = typed.address.replace(/\s+/gu, " ").trim().slice(0, ADDRESS_MAX);
  return { name, inn, kpp: inn.length === 10 && kpp !== "" ? kpp : null, address: address || null, phone: null };
}

import type { Tx } from "@/db/index.ts";
import type { SetUp } from "./shape.ts";
import { SetUpRefused } from "./refused.ts";

/** The seller that the file names, or the only one there is. */
export async function findSeller(tx: Tx, { seller, connection }: SetUp): Promise<string> {
  const named = connection && "sellerInn" in connection && connection.sellerInn !== undefined ? { inn: connection.sellerInn, kpp: connection.sellerKpp } : seller;
  const rows = named
    ? await tx<{ id: string }[]>`select id from seller_orgs where inn = ${named.inn} ${named.kpp === undefined ? tx`` : tx`and kpp = ${named.kpp}`} limit 2`
    : await tx<{ id: string }[]>`select id from seller_orgs limit 2`;
  const [only, another] = rows;
  if (!only) throw new SetUpRefused(named ? "connection.sellerInn: no seller has this INN yet; describe it under seller" : "seller: is missing, and there is none yet");
  if (another) throw new SetUpRefused(named ? "connection.sellerKpp: is missing, several sellers have this INN" : "connection.sellerInn: is missing, there are several sellers");
  return only.id;
}

/** The store of a 1C base: named, or the file's own, or the only one there is. */
export async function findStore(tx: Tx, { store, seller }: SetUp, name: string | undefined): Promise<string> {
  const wanted = name ?? store?.name;
  const rows = await tx<{ id: string }[]>`
    select t.id from stores t join seller_orgs s on s.id = t.seller_org_id
     where true ${wanted === undefined ? tx`` : tx`and t.name = ${wanted}`} ${seller ? tx`and s.inn = ${seller.inn}` : tx``} limit 2`;
  const [only, another] = rows;
  if (!only) throw new SetUpRefused(wanted === undefined ? "store: is missing, and there is none yet" : "connection.store: no store has this name yet; describe it under store");
  if (another) throw new SetUpRefused(wanted === undefined ? "connection.store: is missing, there are several stores" : "connection.store: several stores have this name");
  return only.id;
}

import type { Sql, Tx } from "@/db/index.ts";
import { readGuid } from "./values.ts";

/** An order of this base by the GUID of its 1C document, else by our id, else by a number; null when there is none, or several have the number. */
export async function findOrderId(on: Sql | Tx, connectionId: string, named: { guid?: string | null; number?: string | null }): Promise<string | null> {
  const guid = named.guid ? readGuid(named.guid) : null;
  if (guid !== null) {
    const [row] = await (on as Sql)<{ id: string }[]>`
      select id from orders where onec_connection_id = ${connectionId} and onec_guid = ${guid} union all select id from orders where onec_connection_id = ${connectionId} and id = ${guid} limit 1`;
    if (row) return row.id;
  }
  if (!named.number) return null;
  const rows = await namesakes(on, connectionId, named.number);
  return rows.length === 1 ? rows[0]!.id : null;
}

const namesakes = (on: Sql | Tx, connectionId: string, number: string) => (on as Sql)<{ id: string }[]>`
  select id from orders where onec_connection_id = ${connectionId} and number = ${number} union select id from orders where onec_connection_id = ${connectionId} and onec_number = ${number} limit 2`;

/** Why an order was not found: its number alone may be of several (decision 0021). */
export async function whyNotFound(on: Sql | Tx, connectionId: string, number: string | null): Promise<string> {
  const isTwofold = number ? (await namesakes(on, connectionId, number)).length > 1 : false;
  return isTwofold ? `orderNumber: номер «${number!.slice(0, 60)}» у нескольких заказов, назовите заказ его GUID` : "Заказа нет на сайте: сначала передайте его";
}

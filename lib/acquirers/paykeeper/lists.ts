/** Paged lists of the cabinet. */
import type { SeenPayment } from "@/lib/acquirers/acquirer.ts";
import { done, unknown, type Outcome } from "@/lib/kit/outcome.ts";
import { addDays, localDate } from "@/lib/kit/time.ts";
import type { z } from "zod";
import type { Client } from "./client.ts";
import { moneyStatuses, seenPayment } from "./translate.ts";
import { Payments } from "./wire.ts";

type Params = readonly (readonly [string, string])[];

const pageSize = 100;

/** All rows up to `pagesMax` pages; a longer list is `unknown`, because its tail was not seen. "Not found" is an empty list. */
export async function pages<Row extends { id: string }>(
  client: Client, path: string, params: Params, shape: z.ZodType<Row[]>, pagesMax: number, signal: AbortSignal,
): Promise<Outcome<Row[]>> {
  const rows = new Map<string, Row>();
  for (let page = 0; page < pagesMax; page++) {
    const answer = await client.get(path, [...params, ["from", String(page * pageSize)], ["limit", String(pageSize)]], shape, signal);
    if (answer.kind === "refused" && answer.code === "not_found") return done([...rows.values()]);
    if (answer.kind !== "done") return answer;
    const before = rows.size;
    for (const row of answer.value) rows.set(row.id, row);
    // A server that ignores `from` repeats itself: nothing new means the end.
    if (answer.value.length < pageSize || rows.size === before) return done([...rows.values()]);
  }
  return unknown(`the list is longer than ${pagesMax * pageSize} rows`);
}

/** Money of a period; what is only held is none. Whether their `end` is inclusive is not known, so a day more is asked for and cut off here. */
export async function paymentsOf(client: Client, period: { from: string; to: string }, signal: AbortSignal): Promise<Outcome<SeenPayment[]>> {
  const params: Params = [["start", period.from], ["end", addDays(period.to, 1)], ...moneyStatuses.map((status) => ["status[]", status] as const)];
  const listed = await pages(client, "/info/payments/bydate/", params, Payments, 300, signal);
  if (listed.kind !== "done") return listed;
  const inside = (at: Date | null) => at === null || (localDate(at) >= period.from && localDate(at) <= period.to);
  return done(listed.value.map((payment) => seenPayment(payment, client.heldStatuses)).filter((seen) => seen.state === "paid" && inside(seen.paidAt)));
}

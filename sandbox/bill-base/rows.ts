import { moscow } from "../core/clock.ts";
import { PEOPLE } from "../onec/catalog.ts";
import type { BillRow, BillState } from "./state.ts";

const ROWS_MAX = 10_000;
const DAY_MS = 86_400_000;
const TEXTS = ["clientid", "orderid", "service_name", "client_email", "client_phone", "expiry", "pay_amount"] as const;

/** One row of POST /_ctl/bills/rows: adds, or changes the row named by `no`. A changed row is sent again. */
export function patchRow(state: BillState, now: number, input: Record<string, unknown>): BillRow {
  let row = state.rows.find((one) => one.no === Number(input.no));
  if (!row) {
    if (state.rows.length >= ROWS_MAX) throw new SyntaxError(`more than ${ROWS_MAX} rows, reset the data`);
    row = newRow(state, now);
    state.rows.push(row);
  } else row.isSent = false;
  for (const name of TEXTS) if (typeof input[name] === "string") row[name] = (input[name] as string).slice(0, 2000);
  return row;
}

export function newRow(state: BillState, now: number): BillRow {
  const no = state.rows.length + 1;
  return {
    no,
    clientid: PEOPLE[no % PEOPLE.length]!,
    orderid: `${500 + no}-1`,
    service_name: "Доставка & сборка 100%",
    client_email: "test@yourdomain.com",
    client_phone: "+79876543210",
    // Формат(Дата, …) of a date a week ahead.
    expiry: moscow(now + 7 * DAY_MS).slice(0, 10),
    pay_amount: "100.03",
    invoiceId: "",
    invoiceUrl: "",
    isSent: false,
    status: "",
    says: [],
  };
}

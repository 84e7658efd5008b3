/**
 * What an order may do, given `o` = orders: the one place that knows modes, the pilot's choice and the kill switch (PIL-01, PIL-02,
 * PIL-05). The rule itself stands in the database (`order_is_worked`), because it also referees every link, attempt and invoice.
 *
 * - `payBarSql`: why no new money may be asked for, a `PayBar`; null = it may be paid.
 * - `isOursSql`: its receipts go to the register and its news to 1C: the order is in work, or money was asked for or taken here
 *   before, and it finishes its life with us whatever the mode is now (PIL-07).
 *
 * Money that arrives all the same is never refused: it is recorded, and what came through our own terminal gets its receipt and goes to
 * 1C in every mode (docs/decisions, pilot mode).
 */
import type { Sql, Tx } from "@/db/index.ts";
import { violated } from "@/db/index.ts";
import { conflict } from "@/lib/kit/errors.ts";
import { payBarWords } from "@/lib/pilot/states.ts";
import type { PayBar } from "@/lib/pilot/states.ts";

export const payBarSql = (on: Sql | Tx) => (on as Tx)`
  (select case when not order_is_worked(ms.mode, o.is_test, o.pilot_batch_id) then case ms.mode when 'pilot' then 'not_selected' else 'closed' end
               when exists (select 1 from payment_stops ps where ps.resumed_at is null and (ps.store_id = ms.id or ps.store_id is null)) then 'stopped' end
     from stores ms where ms.id = o.store_id)`;

/** `order_began_here` is only asked where the mode alone does not say yes. */
export const isOursSql = (on: Sql | Tx) => (on as Tx)`
  (case when (select order_is_worked(ms.mode, o.is_test, o.pilot_batch_id) from stores ms where ms.id = o.store_id) then true else order_began_here(o.id) end)`;

/** The refusal of a bar as verbs throw it. */
export const barredPayment = (bar: PayBar) => conflict(payBarWords[bar], { reason: "not_payable", bar });

/** The referee was quicker: a stop or a change of mode came between our look and our write. */
export const isPaymentBarred = (error: unknown): boolean => violated(error, "payments_are_open", "23514");

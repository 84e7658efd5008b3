import type { Sql, Tx } from "@/db/index.ts";

/** An answer of `query` gave the money out, whether 1C said `success` or died with it. Wants `m` = export_messages. */
export const inAnswerSql = (on: Sql | Tx): ReturnType<Tx> => on`exists (
  select 1 from onec_sessions s cross join lateral jsonb_array_elements(s.offered) e
   where s.connection_id = m.connection_id and s.offered is not null and (e->>'orderId')::uuid = m.order_id and (e->'messages' ? m.id::text or e->'perhaps' ? m.id::text))`;

/** 1C was given the money by whichever channel and may have it in its books already, acknowledged, refused or without a word. Wants `m` = export_messages. */
export const isGivenOutSql = (on: Sql | Tx): ReturnType<Tx> => on`(m.state in ('delivered', 'rejected') or ${inAnswerSql(on)} or exists (
  select 1 from feed_events e join feed_cursors c on c.connection_id = e.connection_id
   where e.export_id = m.id and (e.push_tries > 0 or (e.seq > c.acked_seq and c.read_at >= e.created_at))))`;

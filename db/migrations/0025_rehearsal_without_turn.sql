-- A rehearsal is always rolled back (`lib/onec/inbox/rehearse.ts`): its links never come to be, so that the kill switch need not wait for it.
create or replace function keep_payments_open() returns trigger language plpgsql as $$
declare
  barred uuid;
begin
  if current_setting('kopeyka.rehearsal', true) is distinct from 'on' then
    perform pg_advisory_xact_lock_shared(72055, 0);
  end if;
  if not exists (select 1 from stores where mode <> 'live') and not exists (select 1 from payment_stops where resumed_at is null) then
    return null;
  end if;
  select n.order_id into barred from fresh n join orders o on o.id = n.order_id join stores s on s.id = o.store_id
   where not order_is_worked(s.mode, o.is_test, o.pilot_batch_id) or payments_are_stopped(s.id) limit 1;
  if found then
    raise exception 'order % may not be paid now', barred using errcode = 'check_violation', constraint = 'payments_are_open';
  end if;
  return null;
end $$;

-- Guards of 0002: evidence that stays, closed days that do not change (invariant 20).
create trigger registry_entries_append_only before update or delete on registry_entries for each row execute function refuse_change();
--> statement-breakpoint
create trigger registry_problems_append_only before update or delete on registry_problems for each row execute function refuse_change();
--> statement-breakpoint
create trigger registries_append_only before update or delete on registries for each row execute function refuse_change();
--> statement-breakpoint
create trigger bank_statements_append_only before update or delete on bank_statements for each row execute function refuse_change();
--> statement-breakpoint
create trigger evidence_append_only before update or delete on evidence for each row execute function refuse_change();
--> statement-breakpoint
create trigger shipments_append_only before update or delete on shipments for each row execute function refuse_change();
--> statement-breakpoint
create trigger shipment_lines_append_only before update or delete on shipment_lines for each row execute function refuse_change();
--> statement-breakpoint
create trigger goods_returns_append_only before update or delete on goods_returns for each row execute function refuse_change();
--> statement-breakpoint
create trigger goods_return_lines_append_only before update or delete on goods_return_lines for each row execute function refuse_change();
--> statement-breakpoint
create trigger refund_lines_append_only before update or delete on refund_lines for each row execute function refuse_change();
--> statement-breakpoint
create function keep_bank_line_evidence() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (to_jsonb(new) - 'settlement_id' - 'kind') is distinct from (to_jsonb(old) - 'settlement_id' - 'kind') then
    raise exception 'bank_statement_lines keeps its evidence: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger bank_statement_lines_evidence before update or delete on bank_statement_lines for each row execute function keep_bank_line_evidence();
--> statement-breakpoint
-- A refund says for ever what was asked; a finished one says for ever how it ended (2.5: a repeat is a new row).
create function keep_refund_frozen() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'refunds are never deleted' using errcode = 'restrict_violation';
  end if;
  if (new.order_id, new.payment_fact_id, new.amount_kopecks, new.source, new.requested_by, new.requested_at, new.is_test)
     is distinct from (old.order_id, old.payment_fact_id, old.amount_kopecks, old.source, old.requested_by, old.requested_at, old.is_test)
     and not (old.state = 'external' and old.payment_fact_id is null) then
    raise exception 'a refund is frozen at its request' using errcode = 'restrict_violation';
  end if;
  if old.state in ('rejected', 'canceled', 'succeeded', 'failed') and new.state is distinct from old.state then
    raise exception 'refund % is %, a final state', old.id, old.state using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger refunds_frozen before update or delete on refunds for each row execute function keep_refund_frozen();
--> statement-breakpoint
create function keep_discrepancy_closed() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.state not in ('expected', 'open') then
    raise exception 'a closed discrepancy stays as it was decided: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger discrepancies_closed before update or delete on discrepancies for each row execute function keep_discrepancy_closed();
--> statement-breakpoint
-- The lock makes "close the day" and "record money of that day" take turns: whoever is second sees the other.
create function keep_days_closed() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock_shared(72054, (new.business_date - date '2000-01-01') * 2 + new.is_test::int);
  if exists (select 1 from closed_days where day = new.business_date and is_test = new.is_test and reopened_at is null) then
    raise exception 'business day % is closed', new.business_date using errcode = 'check_violation', constraint = 'money_facts_day_is_open';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger money_facts_day_is_open before insert on money_facts for each row execute function keep_days_closed();
--> statement-breakpoint
create function keep_closed_day() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    perform pg_advisory_xact_lock(72054, (new.day - date '2000-01-01') * 2 + new.is_test::int);
    return new;
  end if;
  if tg_op = 'DELETE' or old.reopened_at is not null or (new.day, new.is_test, new.figures, new.closed_by, new.closed_at) is distinct from (old.day, old.is_test, old.figures, old.closed_by, old.closed_at) then
    raise exception 'a closed day keeps its figures: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger closed_days_kept before insert or update or delete on closed_days for each row execute function keep_closed_day();

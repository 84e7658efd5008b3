-- The database referees: append-only tables, evidence that stays, Σ allocations = fact (invariants 1, 2).

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;
--> statement-breakpoint
create trigger money_facts_append_only before update or delete on money_facts for each row execute function refuse_change();
--> statement-breakpoint
create trigger money_facts_no_truncate before truncate on money_facts for each statement execute function refuse_change();
--> statement-breakpoint
create trigger allocations_append_only before update or delete on allocations for each row execute function refuse_change();
--> statement-breakpoint
create trigger allocations_no_truncate before truncate on allocations for each statement execute function refuse_change();
--> statement-breakpoint
create trigger audit_log_append_only before update or delete on audit_log for each row execute function refuse_change();
--> statement-breakpoint
create trigger audit_log_no_truncate before truncate on audit_log for each statement execute function refuse_change();
--> statement-breakpoint
create trigger order_revisions_append_only before update or delete on order_revisions for each row execute function refuse_change();
--> statement-breakpoint
create trigger order_lines_append_only before update or delete on order_lines for each row execute function refuse_change();
--> statement-breakpoint
create trigger order_events_append_only before update or delete on order_events for each row execute function refuse_change();
--> statement-breakpoint
create trigger exchange_log_append_only before update or delete on exchange_log for each row execute function refuse_change();
--> statement-breakpoint
create trigger receipt_lines_append_only before update or delete on receipt_lines for each row execute function refuse_change();
--> statement-breakpoint
create function keep_inbox_evidence() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'inbox_messages keeps its evidence: DELETE refused' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.connection_id, new.source, new.event_key, new.received_at, new.headers, new.body, new.body_sha256)
     is distinct from (old.id, old.connection_id, old.source, old.event_key, old.received_at, old.headers, old.body, old.body_sha256) then
    raise exception 'inbox_messages keeps its evidence: UPDATE refused' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger inbox_messages_evidence before update or delete on inbox_messages for each row execute function keep_inbox_evidence();
--> statement-breakpoint
create function check_fact_allocated() returns trigger language plpgsql as $$
declare
  fact uuid;
  owed bigint;
  given bigint;
begin
  if tg_table_name = 'allocations' then
    fact := new.fact_id;
  else
    fact := new.id;
  end if;
  select amount_kopecks into owed from money_facts where id = fact;
  select coalesce(sum(amount_kopecks), 0) into given from allocations where fact_id = fact;
  if owed is distinct from given then
    raise exception 'fact % of % kopecks is allocated %', fact, owed, given using errcode = 'check_violation', constraint = 'allocations_equal_fact';
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger money_facts_allocated after insert on money_facts deferrable initially deferred for each row execute function check_fact_allocated();
--> statement-breakpoint
create constraint trigger allocations_equal_fact after insert on allocations deferrable initially deferred for each row execute function check_fact_allocated();
--> statement-breakpoint
-- A fact's owner of receipts, test mark and amounts of an attempt never change after birth (FISC-00, PAY-16, PIL-03).
create function keep_attempt_frozen() returns trigger language plpgsql as $$
begin
  if (new.order_id, new.connection_id, new.reference, new.amount_kopecks, new.revision_no, new.is_test)
     is distinct from (old.order_id, old.connection_id, old.reference, old.amount_kopecks, old.revision_no, old.is_test) then
    raise exception 'a payment attempt is frozen at creation' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger payment_attempts_frozen before update on payment_attempts for each row execute function keep_attempt_frozen();
--> statement-breakpoint
create function keep_receipt_registered() returns trigger language plpgsql as $$
begin
  if old.state in ('registered', 'cancelled', 'not_required') and new.state is distinct from old.state then
    raise exception 'receipt % is %, a final state', old.id, old.state using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger receipts_final before update on receipts for each row execute function keep_receipt_registered();
--> statement-breakpoint
create function keep_connection_environment() returns trigger language plpgsql as $$
begin
  if new.environment is distinct from old.environment then
    raise exception 'a connection is test or live for life' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger connections_environment before update on connections for each row execute function keep_connection_environment();
--> statement-breakpoint
-- Pieces of uploads live for minutes: compressing each one costs more than the upload itself (measured).
alter table onec_file_pieces alter column bytes set storage external;

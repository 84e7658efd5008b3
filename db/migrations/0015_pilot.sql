CREATE TABLE "payment_stops" (
	"id" uuid PRIMARY KEY NOT NULL,
	"store_id" uuid,
	"stopped_at" timestamp with time zone NOT NULL,
	"stopped_by" text NOT NULL,
	"reason" text NOT NULL,
	"resumed_at" timestamp with time zone,
	"resumed_by" text,
	"resume_reason" text,
	CONSTRAINT "payment_stops_resumed_whole" CHECK ((resumed_at is null) = (resumed_by is null) and (resumed_at is null) = (resume_reason is null))
);
--> statement-breakpoint
CREATE TABLE "pilot_batches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"no" bigint GENERATED ALWAYS AS IDENTITY (sequence name "pilot_batches_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"store_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"payer_kind" text,
	"counterparty_id" uuid,
	"total_max_kopecks" bigint,
	"max_orders" integer NOT NULL,
	"taken_count" integer DEFAULT 0 NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"created_by" text NOT NULL,
	"closed_at" timestamp with time zone,
	"closed_by" text,
	"is_test" boolean NOT NULL,
	CONSTRAINT "pilot_batches_no_unique" UNIQUE("no"),
	CONSTRAINT "pilot_batches_world" UNIQUE("id","is_test"),
	CONSTRAINT "pilot_batches_kind_known" CHECK ("pilot_batches"."kind" in ('list', 'rule')),
	CONSTRAINT "pilot_batches_payer_kind_known" CHECK ("pilot_batches"."payer_kind" in ('individual', 'sole_proprietor', 'organization', 'unknown')),
	CONSTRAINT "pilot_batches_cap" CHECK (max_orders between 1 and 10000 and taken_count between 0 and max_orders),
	CONSTRAINT "pilot_batches_total_positive" CHECK (total_max_kopecks is null or total_max_kopecks > 0),
	CONSTRAINT "pilot_batches_list_has_no_rule" CHECK (kind = 'rule' or (payer_kind is null and counterparty_id is null and total_max_kopecks is null)),
	CONSTRAINT "pilot_batches_closed_by_somebody" CHECK ((closed_at is null) = (closed_by is null))
);
--> statement-breakpoint
CREATE TABLE "pilot_picks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"batch_id" uuid NOT NULL,
	"ref" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	"added_by" text NOT NULL,
	"removed_at" timestamp with time zone,
	"removed_by" text,
	CONSTRAINT "pilot_picks_ref_short" CHECK (length(ref) between 1 and 64)
);
--> statement-breakpoint
CREATE TABLE "pilot_ticks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"store_id" uuid NOT NULL,
	"item" text NOT NULL,
	"is_done" boolean NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"is_test" boolean NOT NULL,
	CONSTRAINT "pilot_ticks_item_known" CHECK ("pilot_ticks"."item" in ('trained', 'roles', 'onec_users', 'register', 'paid_each', 'refunded', 'drill', 'reconciled', 'stop_known', 'contacts'))
);
--> statement-breakpoint
CREATE TABLE "store_mode_changes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"no" bigint GENERATED ALWAYS AS IDENTITY (sequence name "store_mode_changes_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"store_id" uuid NOT NULL,
	"from_mode" text NOT NULL,
	"to_mode" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"reason" text NOT NULL,
	"evidence" jsonb,
	CONSTRAINT "store_mode_changes_allowed" CHECK (from_mode <> to_mode and from_mode in ('off', 'sandbox', 'shadow', 'pilot', 'live')
      and (to_mode in ('off', 'sandbox', 'shadow') or (to_mode = 'pilot') or (to_mode = 'live' and from_mode = 'pilot')))
);
--> statement-breakpoint
CREATE TABLE "dry_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"revision_no" integer NOT NULL,
	"fact_id" uuid,
	"amount_kopecks" bigint NOT NULL,
	"purpose" text,
	"receipt_kind" text,
	"content" jsonb NOT NULL,
	"problem" text,
	"is_problem" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"is_test" boolean NOT NULL,
	CONSTRAINT "dry_runs_kind_known" CHECK ("dry_runs"."kind" in ('receipt', 'export')),
	CONSTRAINT "dry_runs_amount_positive" CHECK ("dry_runs"."amount_kopecks" > 0),
	CONSTRAINT "dry_runs_problem_has_words" CHECK (not is_problem or problem is not null)
);
--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_onec_connection_id_connections_id_fk";
--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_shop_connection_id_connections_id_fk";
--> statement-breakpoint
ALTER TABLE "payment_attempts" DROP CONSTRAINT "payment_attempts_order_id_orders_id_fk";
--> statement-breakpoint
ALTER TABLE "payment_attempts" DROP CONSTRAINT "payment_attempts_connection_id_connections_id_fk";
--> statement-breakpoint
ALTER TABLE "money_facts" DROP CONSTRAINT "money_facts_connection_id_connections_id_fk";
--> statement-breakpoint
ALTER TABLE "receipts" DROP CONSTRAINT "receipts_fact_id_money_facts_id_fk";
--> statement-breakpoint
ALTER TABLE "receipts" DROP CONSTRAINT "receipts_order_id_orders_id_fk";
--> statement-breakpoint
ALTER TABLE "receipts" DROP CONSTRAINT "receipts_connection_id_connections_id_fk";
--> statement-breakpoint
ALTER TABLE "export_messages" DROP CONSTRAINT "export_messages_connection_id_connections_id_fk";
--> statement-breakpoint
ALTER TABLE "export_messages" DROP CONSTRAINT "export_messages_order_id_orders_id_fk";
--> statement-breakpoint
ALTER TABLE "export_messages" DROP CONSTRAINT "export_messages_fact_id_money_facts_id_fk";
--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_order_id_orders_id_fk";
--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_payment_fact_id_money_facts_id_fk";
--> statement-breakpoint
ALTER TABLE "refunds" DROP CONSTRAINT "refunds_connection_id_connections_id_fk";
--> statement-breakpoint
ALTER TABLE "goods_returns" DROP CONSTRAINT "goods_returns_order_id_orders_id_fk";
--> statement-breakpoint
ALTER TABLE "shipments" DROP CONSTRAINT "shipments_order_id_orders_id_fk";
--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "is_test" boolean GENERATED ALWAYS AS (environment = 'test') STORED NOT NULL;
--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "pilot_batch_id" uuid;
--> statement-breakpoint
ALTER TABLE "export_messages" ADD COLUMN "is_test" boolean;
--> statement-breakpoint
update export_messages m set is_test = o.is_test from orders o where o.id = m.order_id;
--> statement-breakpoint
ALTER TABLE "export_messages" ALTER COLUMN "is_test" SET NOT NULL;
--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_world" UNIQUE("id","is_test");
--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_world" UNIQUE("id","is_test");
--> statement-breakpoint
ALTER TABLE "money_facts" ADD CONSTRAINT "money_facts_world" UNIQUE("id","is_test");
--> statement-breakpoint
ALTER TABLE "payment_stops" ADD CONSTRAINT "payment_stops_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "pilot_batches" ADD CONSTRAINT "pilot_batches_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "pilot_batches" ADD CONSTRAINT "pilot_batches_counterparty_id_counterparties_id_fk" FOREIGN KEY ("counterparty_id") REFERENCES "public"."counterparties"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "pilot_picks" ADD CONSTRAINT "pilot_picks_batch_id_pilot_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."pilot_batches"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "pilot_ticks" ADD CONSTRAINT "pilot_ticks_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "store_mode_changes" ADD CONSTRAINT "store_mode_changes_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "dry_runs" ADD CONSTRAINT "dry_runs_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "dry_runs" ADD CONSTRAINT "dry_runs_order_world" FOREIGN KEY ("order_id","is_test") REFERENCES "public"."orders"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE UNIQUE INDEX "payment_stops_one_open" ON "payment_stops" USING btree (coalesce(store_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE resumed_at is null;
--> statement-breakpoint
CREATE INDEX "pilot_batches_open" ON "pilot_batches" USING btree ("store_id","created_at") WHERE closed_at is null;
--> statement-breakpoint
CREATE UNIQUE INDEX "pilot_picks_ref" ON "pilot_picks" USING btree ("batch_id",lower(ref)) WHERE removed_at is null;
--> statement-breakpoint
CREATE INDEX "pilot_ticks_item" ON "pilot_ticks" USING btree ("store_id","is_test","item","at");
--> statement-breakpoint
CREATE INDEX "store_mode_changes_store" ON "store_mode_changes" USING btree ("store_id","no");
--> statement-breakpoint
CREATE UNIQUE INDEX "dry_runs_key" ON "dry_runs" USING btree ("order_id","kind","key");
--> statement-breakpoint
CREATE INDEX "dry_runs_fact" ON "dry_runs" USING btree ("fact_id") WHERE fact_id is not null;
--> statement-breakpoint
CREATE INDEX "dry_runs_created" ON "dry_runs" USING btree ("is_test","created_at");
--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_onec_world" FOREIGN KEY ("onec_connection_id","is_test") REFERENCES "public"."connections"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_shop_world" FOREIGN KEY ("shop_connection_id","is_test") REFERENCES "public"."connections"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_pilot_world" FOREIGN KEY ("pilot_batch_id","is_test") REFERENCES "public"."pilot_batches"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "payment_attempts" ADD CONSTRAINT "payment_attempts_order_world" FOREIGN KEY ("order_id","is_test") REFERENCES "public"."orders"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "payment_attempts" ADD CONSTRAINT "payment_attempts_connection_world" FOREIGN KEY ("connection_id","is_test") REFERENCES "public"."connections"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "money_facts" ADD CONSTRAINT "money_facts_connection_world" FOREIGN KEY ("connection_id","is_test") REFERENCES "public"."connections"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "money_facts" ADD CONSTRAINT "money_facts_parent_world" FOREIGN KEY ("parent_fact_id","is_test") REFERENCES "public"."money_facts"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_fact_world" FOREIGN KEY ("fact_id","is_test") REFERENCES "public"."money_facts"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_order_world" FOREIGN KEY ("order_id","is_test") REFERENCES "public"."orders"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_connection_world" FOREIGN KEY ("connection_id","is_test") REFERENCES "public"."connections"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "export_messages" ADD CONSTRAINT "export_messages_connection_world" FOREIGN KEY ("connection_id","is_test") REFERENCES "public"."connections"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "export_messages" ADD CONSTRAINT "export_messages_order_world" FOREIGN KEY ("order_id","is_test") REFERENCES "public"."orders"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "export_messages" ADD CONSTRAINT "export_messages_fact_world" FOREIGN KEY ("fact_id","is_test") REFERENCES "public"."money_facts"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_order_world" FOREIGN KEY ("order_id","is_test") REFERENCES "public"."orders"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_payment_world" FOREIGN KEY ("payment_fact_id","is_test") REFERENCES "public"."money_facts"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_connection_world" FOREIGN KEY ("connection_id","is_test") REFERENCES "public"."connections"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "goods_returns" ADD CONSTRAINT "goods_returns_order_world" FOREIGN KEY ("order_id","is_test") REFERENCES "public"."orders"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "shipments" ADD CONSTRAINT "shipments_order_world" FOREIGN KEY ("order_id","is_test") REFERENCES "public"."orders"("id","is_test") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "orders_pilot" ON "orders" USING btree ("pilot_batch_id") WHERE pilot_batch_id is not null;
--> statement-breakpoint
-- What an order may do (PIL-01, PIL-02). The one definition of "in work": programs read it by this function, triggers as well.
create function order_is_worked(mode text, is_test boolean, pilot_batch_id uuid) returns boolean language sql immutable parallel safe as $$
  select mode = 'live' or (mode = 'pilot' and pilot_batch_id is not null) or (mode = 'sandbox' and is_test)
$$;
--> statement-breakpoint
-- Money was asked for or taken here: whatever the store's mode is now, the order finishes its life with us (PIL-07).
create function order_began_here(wanted uuid) returns boolean language sql stable parallel safe as $$
  select exists (select 1 from payment_attempts where order_id = wanted) or exists (select 1 from invoices where order_id = wanted)
      or exists (select 1 from allocations a join money_facts f on f.id = a.fact_id where a.order_id = wanted and f.kind = 'payment_captured' and f.fiscal_owner = 'site')
$$;
--> statement-breakpoint
create function payments_are_stopped(wanted uuid) returns boolean language sql stable parallel safe as $$
  select exists (select 1 from payment_stops where resumed_at is null and (store_id = wanted or store_id is null))
$$;
--> statement-breakpoint
-- New links, attempts and invoices only of orders that may be paid. The kill switch and a change of mode take the lock alone:
-- whoever is second sees the other, so that after a stop has been answered nothing new begins (PIL-05).
create function keep_payments_open() returns trigger language plpgsql as $$
declare
  barred uuid;
begin
  perform pg_advisory_xact_lock_shared(72055, 0);
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
--> statement-breakpoint
create trigger payment_links_open after insert on payment_links referencing new table as fresh for each statement execute function keep_payments_open();
--> statement-breakpoint
create trigger payment_attempts_open after insert on payment_attempts referencing new table as fresh for each statement execute function keep_payments_open();
--> statement-breakpoint
create trigger invoices_open after insert on invoices referencing new table as fresh for each statement execute function keep_payments_open();
--> statement-breakpoint
create trigger store_mode_changes_append_only before update or delete on store_mode_changes for each row execute function refuse_change();
--> statement-breakpoint
create trigger pilot_ticks_append_only before update or delete on pilot_ticks for each row execute function refuse_change();
--> statement-breakpoint
create trigger dry_runs_append_only before update or delete on dry_runs for each row execute function refuse_change();
--> statement-breakpoint
create function keep_store_mode() returns trigger language plpgsql as $$
begin
  if new.mode is distinct from old.mode and not exists (
    select 1 from (select from_mode, to_mode from store_mode_changes where store_id = new.id order by no desc limit 1) c where c.from_mode = old.mode and c.to_mode = new.mode
  ) then
    raise exception 'the mode of store % changes only as store_mode_changes says', new.id using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger stores_mode_logged before update of mode on stores for each row execute function keep_store_mode();
--> statement-breakpoint
create function keep_payment_stop() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.resumed_at is not null or (new.id, new.store_id, new.stopped_at, new.stopped_by, new.reason) is distinct from (old.id, old.store_id, old.stopped_at, old.stopped_by, old.reason) then
    raise exception 'a stop of payments stays as it was: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger payment_stops_kept before update or delete on payment_stops for each row execute function keep_payment_stop();
--> statement-breakpoint
create function keep_pilot_pick() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.removed_at is not null or (new.id, new.batch_id, new.ref, new.added_at, new.added_by) is distinct from (old.id, old.batch_id, old.ref, old.added_at, old.added_by) then
    raise exception 'a pick of a pilot is only taken back, once: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger pilot_picks_kept before update or delete on pilot_picks for each row execute function keep_pilot_pick();
--> statement-breakpoint
-- A batch is what it was made as; the counter follows `orders`, closing happens once.
create function keep_pilot_batch() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (new.taken_count <> old.taken_count and pg_trigger_depth() < 2)
     or (old.closed_at is not null and (new.closed_at, new.closed_by) is distinct from (old.closed_at, old.closed_by))
     or (to_jsonb(new) - 'taken_count' - 'closed_at' - 'closed_by') is distinct from (to_jsonb(old) - 'taken_count' - 'closed_at' - 'closed_by') then
    raise exception 'a pilot batch is frozen at its making: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger pilot_batches_frozen before update or delete on pilot_batches for each row execute function keep_pilot_batch();
--> statement-breakpoint
-- PIL-02: chosen once, within the cap, by an open batch of its own store; let go only before money was asked for.
create function keep_order_choice() returns trigger language plpgsql as $$
declare
  before uuid;
begin
  if tg_op = 'UPDATE' then
    if new.is_test is distinct from old.is_test then
      raise exception 'order % is test or live for life', new.id using errcode = 'restrict_violation';
    end if;
    before := old.pilot_batch_id;
  end if;
  if new.pilot_batch_id is not distinct from before then
    return new;
  end if;
  if before is not null then
    if new.pilot_batch_id is not null or order_began_here(new.id) then
      raise exception 'order % was chosen by pilot batch % and stays with it', new.id, before using errcode = 'restrict_violation', constraint = 'orders_pilot_chosen_once';
    end if;
    update pilot_batches set taken_count = taken_count - 1 where id = before;
    return new;
  end if;
  update pilot_batches set taken_count = taken_count + 1 where id = new.pilot_batch_id and store_id = new.store_id and closed_at is null;
  if not found then
    raise exception 'pilot batch % takes no orders of store %', new.pilot_batch_id, new.store_id using errcode = 'check_violation', constraint = 'orders_pilot_batch_open';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger orders_choice before update of pilot_batch_id, is_test on orders for each row execute function keep_order_choice();
--> statement-breakpoint
create trigger orders_chosen_at_birth before insert on orders for each row when (new.pilot_batch_id is not null) execute function keep_order_choice();
--> statement-breakpoint
-- Test money never pays a live order, and live money no test one (PIL-03): beside invariant 2, in the same look.
create or replace function check_fact_allocated() returns trigger language plpgsql as $$
declare
  fact uuid;
  owed bigint;
  given bigint;
  world boolean;
  mixed boolean;
begin
  if tg_table_name = 'allocations' then
    fact := new.fact_id;
  else
    fact := new.id;
  end if;
  select amount_kopecks, is_test into owed, world from money_facts where id = fact;
  select coalesce(sum(a.amount_kopecks), 0), coalesce(bool_or(o.is_test <> world), false) into given, mixed from allocations a left join orders o on o.id = a.order_id where a.fact_id = fact;
  if owed is distinct from given then
    raise exception 'fact % of % kopecks is allocated %', fact, owed, given using errcode = 'check_violation', constraint = 'allocations_equal_fact';
  end if;
  if mixed then
    raise exception 'fact % pays an order of the other world', fact using errcode = 'check_violation', constraint = 'allocations_one_world';
  end if;
  return null;
end $$;

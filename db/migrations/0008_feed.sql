CREATE TABLE "feed_cursors" (
	"connection_id" uuid PRIMARY KEY NOT NULL,
	"last_seq" bigint DEFAULT 0 NOT NULL,
	"acked_seq" bigint DEFAULT 0 NOT NULL,
	"acked_at" timestamp with time zone,
	"read_at" timestamp with time zone,
	CONSTRAINT "feed_cursors_ack_within" CHECK (acked_seq between 0 and last_seq)
);
--> statement-breakpoint
CREATE TABLE "feed_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"insert_no" bigint GENERATED ALWAYS AS IDENTITY (sequence name "feed_events_insert_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"connection_id" uuid NOT NULL,
	"seq" bigint,
	"type" text NOT NULL,
	"key" text NOT NULL,
	"order_id" uuid,
	"subject_id" uuid,
	"export_id" uuid,
	"paid_kopecks" bigint,
	"refunded_kopecks" bigint,
	"due_kopecks" bigint,
	"created_at" timestamp with time zone NOT NULL,
	"push_state" text NOT NULL,
	"push_tries" integer DEFAULT 0 NOT NULL,
	"next_push_at" timestamp with time zone,
	"push_claimed_until" timestamp with time zone,
	"pushed_at" timestamp with time zone,
	"push_note" text,
	CONSTRAINT "feed_events_type_known" CHECK ("feed_events"."type" in ('payment.succeeded', 'payment.failed', 'payment.reversed', 'payment.disputed', 'refund.succeeded', 'refund.reversed', 'receipt.registered', 'receipt.failed', 'invoice.matched', 'order.created', 'order.expired', 'payout.registered')),
	CONSTRAINT "feed_events_push_state_known" CHECK ("feed_events"."push_state" in ('none', 'waiting', 'delivered', 'stopped')),
	CONSTRAINT "feed_events_numbered_whole" CHECK (seq is null or order_id is null or (paid_kopecks is not null and refunded_kopecks is not null and due_kopecks is not null))
);
--> statement-breakpoint
ALTER TABLE "connections" DROP CONSTRAINT "connections_kind_known";--> statement-breakpoint
ALTER TABLE "connections" ADD COLUMN "money_channel" text GENERATED ALWAYS AS (case when kind = 'onec' then coalesce(settings->>'moneyChannel', case
            when not settings ? 'doors' or settings->'doors' ? 'commerceml' then 'commerceml' when settings->'doors' ? 'json' then 'json' else 'paykeeper' end) end) STORED;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "shop_connection_id" uuid;--> statement-breakpoint
ALTER TABLE "feed_cursors" ADD CONSTRAINT "feed_cursors_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feed_events" ADD CONSTRAINT "feed_events_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feed_events" ADD CONSTRAINT "feed_events_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feed_events" ADD CONSTRAINT "feed_events_export_id_export_messages_id_fk" FOREIGN KEY ("export_id") REFERENCES "public"."export_messages"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "feed_events_seq" ON "feed_events" USING btree ("connection_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "feed_events_key" ON "feed_events" USING btree ("connection_id","key","type");--> statement-breakpoint
CREATE INDEX "feed_events_unnumbered" ON "feed_events" USING btree ("connection_id","insert_no") WHERE seq is null;--> statement-breakpoint
CREATE INDEX "feed_events_to_push" ON "feed_events" USING btree ("connection_id","next_push_at") WHERE push_state = 'waiting';--> statement-breakpoint
CREATE INDEX "feed_events_order" ON "feed_events" USING btree ("order_id","insert_no");--> statement-breakpoint
CREATE INDEX "feed_events_export" ON "feed_events" USING btree ("export_id") WHERE export_id is not null;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_shop_connection_id_connections_id_fk" FOREIGN KEY ("shop_connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_money_channel_known" CHECK ("connections"."money_channel" in ('commerceml', 'json', 'paykeeper'));--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_kind_known" CHECK ("connections"."kind" in ('acquirer', 'register', 'onec', 'mail', 'shop'));--> statement-breakpoint
-- The outbox is the truth: what it says never changes, its number and balance are given once, and nothing goes before it was acknowledged.
create function keep_feed_event() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.seq is null or not exists (select 1 from feed_cursors c where c.connection_id = old.connection_id and c.acked_seq >= old.seq) then
      raise exception 'a feed event stays until it is acknowledged' using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  if (new.id, new.insert_no, new.connection_id, new.type, new.key, new.order_id, new.subject_id, new.export_id, new.created_at)
     is distinct from (old.id, old.insert_no, old.connection_id, old.type, old.key, old.order_id, old.subject_id, old.export_id, old.created_at)
     or (old.seq is not null and (new.seq, new.paid_kopecks, new.refunded_kopecks, new.due_kopecks) is distinct from (old.seq, old.paid_kopecks, old.refunded_kopecks, old.due_kopecks)) then
    raise exception 'a feed event keeps what it says: UPDATE refused' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger feed_events_kept before update or delete on feed_events for each row execute function keep_feed_event();
--> statement-breakpoint
create trigger feed_events_no_truncate before truncate on feed_events for each statement execute function refuse_change();
--> statement-breakpoint
create function keep_feed_cursor() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or new.connection_id <> old.connection_id or new.last_seq < old.last_seq or new.acked_seq < old.acked_seq then
    raise exception 'a feed cursor only moves forward: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger feed_cursors_forward before update or delete on feed_cursors for each row execute function keep_feed_cursor();

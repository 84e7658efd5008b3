CREATE TABLE "onec_conflicts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL,
	"object_type" text NOT NULL,
	"object_key" text NOT NULL,
	"order_id" uuid,
	"counterparty_id" uuid,
	"field" text NOT NULL,
	"state" text NOT NULL,
	"ours" text,
	"theirs" text,
	"ours_by" text,
	"ours_at" timestamp with time zone,
	"theirs_at" timestamp with time zone NOT NULL,
	"note" text NOT NULL,
	"alert_code" text,
	"alert_key" text,
	"amount_kopecks" bigint,
	"message_id" uuid,
	"repeats" integer NOT NULL,
	"opened_at" timestamp with time zone NOT NULL,
	"decided_at" timestamp with time zone,
	"decided_by" text,
	"reason" text,
	CONSTRAINT "onec_conflicts_object_known" CHECK ("onec_conflicts"."object_type" in ('order', 'counterparty', 'document')),
	CONSTRAINT "onec_conflicts_state_known" CHECK ("onec_conflicts"."state" in ('open', 'ours', 'theirs', 'settled', 'gone')),
	CONSTRAINT "onec_conflicts_decided" CHECK ((state = 'open') = (decided_at is null))
);
--> statement-breakpoint
CREATE TABLE "onec_field_edits" (
	"object_type" text NOT NULL,
	"object_id" uuid NOT NULL,
	"field" text NOT NULL,
	"ours" text,
	"ours_by" text NOT NULL,
	"ours_at" timestamp with time zone NOT NULL,
	"onec_value" text,
	"onec_at" timestamp with time zone,
	CONSTRAINT "onec_field_edits_object_id_field_pk" PRIMARY KEY("object_id","field")
);
--> statement-breakpoint
CREATE TABLE "onec_field_rules" (
	"connection_id" uuid NOT NULL,
	"field" text NOT NULL,
	"side" text NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamp with time zone NOT NULL,
	CONSTRAINT "onec_field_rules_connection_id_field_pk" PRIMARY KEY("connection_id","field"),
	CONSTRAINT "onec_field_rules_side_known" CHECK ("onec_field_rules"."side" in ('ours', 'onec'))
);
--> statement-breakpoint
CREATE TABLE "onec_messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"door" text NOT NULL,
	"direction" text NOT NULL,
	"kind" text NOT NULL,
	"object_guid" text,
	"object_number" text,
	"order_id" uuid,
	"summary" text NOT NULL,
	"payload" text,
	"payload_format" text,
	"payload_cut" boolean NOT NULL,
	"source" text,
	"result" text NOT NULL,
	"result_text" text,
	"diff" jsonb NOT NULL,
	"answer" text,
	"attempts" integer NOT NULL,
	"duration_ms" integer,
	"last_at" timestamp with time zone NOT NULL,
	"handled_by" text,
	"handled_at" timestamp with time zone,
	CONSTRAINT "onec_messages_door_known" CHECK ("onec_messages"."door" in ('commerceml', 'json', 'paykeeper', 'push', 'shop')),
	CONSTRAINT "onec_messages_direction_known" CHECK ("onec_messages"."direction" in ('in', 'out')),
	CONSTRAINT "onec_messages_kind_known" CHECK ("onec_messages"."kind" in ('order', 'status', 'shipment', 'return', 'payment', 'refund', 'reversal', 'dispute', 'receipt', 'invoice', 'counterparty', 'document', 'statement', 'payout', 'other')),
	CONSTRAINT "onec_messages_result_known" CHECK ("onec_messages"."result" in ('received', 'applied', 'noop', 'conflict', 'error', 'waiting_1c', 'confirmed', 'skipped')),
	CONSTRAINT "onec_messages_payload_whole" CHECK ((payload is null) = (payload_format is null)),
	CONSTRAINT "onec_messages_attempts_positive" CHECK (attempts > 0)
);
--> statement-breakpoint
ALTER TABLE "onec_conflicts" ADD CONSTRAINT "onec_conflicts_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_conflicts" ADD CONSTRAINT "onec_conflicts_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_conflicts" ADD CONSTRAINT "onec_conflicts_counterparty_id_counterparties_id_fk" FOREIGN KEY ("counterparty_id") REFERENCES "public"."counterparties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_field_rules" ADD CONSTRAINT "onec_field_rules_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_messages" ADD CONSTRAINT "onec_messages_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_messages" ADD CONSTRAINT "onec_messages_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "onec_conflicts_one_open" ON "onec_conflicts" USING btree ("connection_id","object_key","field") WHERE state = 'open';--> statement-breakpoint
CREATE INDEX "onec_conflicts_order" ON "onec_conflicts" USING btree ("order_id","opened_at");--> statement-breakpoint
CREATE INDEX "onec_conflicts_opened" ON "onec_conflicts" USING btree ("state","opened_at");--> statement-breakpoint
CREATE INDEX "onec_field_edits_type" ON "onec_field_edits" USING btree ("object_type") WHERE object_type = 'counterparty';--> statement-breakpoint
CREATE INDEX "onec_messages_at" ON "onec_messages" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "onec_messages_order" ON "onec_messages" USING btree ("order_id","at");--> statement-breakpoint
CREATE INDEX "onec_messages_open" ON "onec_messages" USING btree ("result","at") WHERE result in ('received', 'conflict', 'error', 'waiting_1c');--> statement-breakpoint
CREATE INDEX "onec_messages_failed" ON "onec_messages" USING btree ("connection_id","object_guid") WHERE result = 'error';--> statement-breakpoint
-- What a message said never changes; an order may be named later, when it is found. Nobody forgets a message that still waits for somebody.
create function keep_onec_message() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.result in ('received', 'conflict', 'error', 'waiting_1c') then
      raise exception 'a message that waits for somebody stays: DELETE refused' using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  if (new.id, new.connection_id, new.at, new.door, new.direction, new.kind, new.object_guid, new.object_number, new.summary, new.payload, new.payload_format, new.payload_cut, new.source)
     is distinct from (old.id, old.connection_id, old.at, old.door, old.direction, old.kind, old.object_guid, old.object_number, old.summary, old.payload, old.payload_format, old.payload_cut, old.source)
     or (old.order_id is not null and new.order_id is distinct from old.order_id) or new.attempts < old.attempts then
    raise exception 'a message with 1C keeps what it said: UPDATE refused' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger onec_messages_kept before update or delete on onec_messages for each row execute function keep_onec_message();
--> statement-breakpoint
create trigger onec_messages_no_truncate before truncate on onec_messages for each statement execute function refuse_change();
--> statement-breakpoint
-- A decision is made once; what the conflict is about never changes, what 1C says meanwhile does.
create function keep_onec_conflict() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.state <> 'open' then
    raise exception 'a decided conflict stays as it is: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  if (new.id, new.connection_id, new.object_type, new.object_key, new.field, new.opened_at)
     is distinct from (old.id, old.connection_id, old.object_type, old.object_key, old.field, old.opened_at) then
    raise exception 'a conflict keeps what it is about: UPDATE refused' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger onec_conflicts_kept before update or delete on onec_conflicts for each row execute function keep_onec_conflict();
--> statement-breakpoint
create trigger onec_conflicts_no_truncate before truncate on onec_conflicts for each statement execute function refuse_change();
--> statement-breakpoint
-- Contacts that buyers have typed so far are our side's word: 1C must not overwrite them in silence. What 1C had said before is not known.
insert into onec_field_edits (object_type, object_id, field, ours, ours_by, ours_at, onec_value, onec_at)
select distinct on (o.id) 'order', o.id, 'contact', o.contact, 'buyer', a.created_at, null, null
  from orders o join payment_attempts a on a.order_id = o.id and a.contact = o.contact
 where o.onec_connection_id is not null order by o.id, a.created_at desc;

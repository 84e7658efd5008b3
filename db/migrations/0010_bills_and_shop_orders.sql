CREATE TABLE "bill_notices" (
	"fact_id" uuid PRIMARY KEY NOT NULL,
	"bill_id" uuid NOT NULL,
	"tries" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone,
	"claimed_until" timestamp with time zone,
	"taken_at" timestamp with time zone,
	"note" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "bill_notices_taken_whole" CHECK ((taken_at is null) <> (next_try_at is null))
);
--> statement-breakpoint
CREATE TABLE "bills" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"number" bigint NOT NULL,
	"token" text NOT NULL,
	"order_ref" text NOT NULL,
	"owns_order" boolean NOT NULL,
	"amount_kopecks" bigint NOT NULL,
	"service_name" text NOT NULL,
	"client_name" text NOT NULL,
	"email" text NOT NULL,
	"phone" text,
	"expires_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"send_count" integer DEFAULT 0 NOT NULL,
	"sent_at" timestamp with time zone,
	"sent_to" text,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone,
	"close_reason" text,
	CONSTRAINT "bills_number_unique" UNIQUE("number"),
	CONSTRAINT "bills_token_unique" UNIQUE("token"),
	CONSTRAINT "bills_close_reason_known" CHECK ("bills"."close_reason" in ('revoked', 'replaced')),
	CONSTRAINT "bills_amount_positive" CHECK ("bills"."amount_kopecks" > 0),
	CONSTRAINT "bills_number_short" CHECK ("bills"."number" between 1 and 999999999999999999),
	CONSTRAINT "bills_closed_whole" CHECK ((closed_at is null) = (close_reason is null)),
	CONSTRAINT "bills_sent_whole" CHECK ((send_count = 0) = (sent_at is null) and (sent_at is null) = (sent_to is null))
);
--> statement-breakpoint
CREATE TABLE "shop_orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"shop_connection_id" uuid NOT NULL,
	"onec_connection_id" uuid NOT NULL,
	"idempotency_key" text NOT NULL,
	"body_hash" text NOT NULL,
	"no" bigint GENERATED ALWAYS AS IDENTITY (sequence name "shop_orders_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"number" text NOT NULL,
	"shop_number" text,
	"return_url" text,
	"order_id" uuid,
	"created_at" timestamp with time zone NOT NULL,
	"cancelled_at" timestamp with time zone,
	CONSTRAINT "shop_orders_no_unique" UNIQUE("no"),
	CONSTRAINT "shop_orders_number_fits" CHECK (length(number) between 1 and 11),
	CONSTRAINT "shop_orders_key_short" CHECK (length(idempotency_key) between 1 and 128),
	CONSTRAINT "shop_orders_cancelled_exists" CHECK (cancelled_at is null or order_id is not null)
);
--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "pay_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bill_notices" ADD CONSTRAINT "bill_notices_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bill_notices" ADD CONSTRAINT "bill_notices_bill_id_bills_id_fk" FOREIGN KEY ("bill_id") REFERENCES "public"."bills"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bills" ADD CONSTRAINT "bills_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shop_orders" ADD CONSTRAINT "shop_orders_shop_connection_id_connections_id_fk" FOREIGN KEY ("shop_connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shop_orders" ADD CONSTRAINT "shop_orders_onec_connection_id_connections_id_fk" FOREIGN KEY ("onec_connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shop_orders" ADD CONSTRAINT "shop_orders_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bill_notices_due" ON "bill_notices" USING btree ("next_try_at") WHERE next_try_at is not null;--> statement-breakpoint
CREATE INDEX "bill_notices_bill" ON "bill_notices" USING btree ("bill_id");--> statement-breakpoint
CREATE UNIQUE INDEX "bills_one_open" ON "bills" USING btree ("order_id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "bills_created" ON "bills" USING btree ("connection_id","created_at");--> statement-breakpoint
CREATE INDEX "bills_order" ON "bills" USING btree ("order_id");--> statement-breakpoint
CREATE UNIQUE INDEX "shop_orders_key" ON "shop_orders" USING btree ("shop_connection_id","idempotency_key");--> statement-breakpoint
CREATE UNIQUE INDEX "shop_orders_number" ON "shop_orders" USING btree ("onec_connection_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "shop_orders_order" ON "shop_orders" USING btree ("order_id") WHERE order_id is not null;--> statement-breakpoint
CREATE INDEX "shop_orders_created" ON "shop_orders" USING btree ("shop_connection_id","created_at");--> statement-breakpoint
-- What 1C and buyers know a bill by never changes, and a bill that exists stays.
create function keep_bill() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'a bill stays: DELETE refused' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.connection_id, new.order_id, new.number, new.token, new.order_ref, new.owns_order, new.created_at)
     is distinct from (old.id, old.connection_id, old.order_id, old.number, old.token, old.order_ref, old.owns_order, old.created_at)
     or old.closed_at is not null or new.version < old.version or new.send_count < old.send_count then
    raise exception 'a bill keeps its number, address and order, and a closed one everything: UPDATE refused' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger bills_kept before update or delete on bills for each row execute function keep_bill();
--> statement-breakpoint
create trigger bills_no_truncate before truncate on bills for each statement execute function refuse_change();
--> statement-breakpoint
-- A request that became an order stays as it came; one that was refused may go.
create function keep_shop_order() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.order_id is not null then
      raise exception 'a request of a shop that became an order stays: DELETE refused' using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  if (new.id, new.shop_connection_id, new.onec_connection_id, new.idempotency_key, new.body_hash, new.no, new.number, new.shop_number, new.return_url, new.created_at)
     is distinct from (old.id, old.shop_connection_id, old.onec_connection_id, old.idempotency_key, old.body_hash, old.no, old.number, old.shop_number, old.return_url, old.created_at)
     or (old.order_id is not null and new.order_id is distinct from old.order_id) or (old.cancelled_at is not null and new.cancelled_at is distinct from old.cancelled_at) then
    raise exception 'a request of a shop stays as it came: UPDATE refused' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger shop_orders_kept before update or delete on shop_orders for each row execute function keep_shop_order();
--> statement-breakpoint
create trigger shop_orders_no_truncate before truncate on shop_orders for each statement execute function refuse_change();

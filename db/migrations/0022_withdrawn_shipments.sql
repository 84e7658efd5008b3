CREATE TABLE "shipment_codes" (
	"shipment_id" uuid NOT NULL,
	"line_no" integer NOT NULL,
	"document_key" text NOT NULL,
	"mark_codes" text[] NOT NULL,
	"told_at" timestamp with time zone NOT NULL,
	CONSTRAINT "shipment_codes_shipment_id_line_no_document_key_pk" PRIMARY KEY("shipment_id","line_no","document_key"),
	CONSTRAINT "shipment_codes_some" CHECK (cardinality(mark_codes) > 0)
);
--> statement-breakpoint
CREATE TABLE "shipment_withdrawals" (
	"shipment_id" uuid PRIMARY KEY NOT NULL,
	"told_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "shipment_codes" ADD CONSTRAINT "shipment_codes_line" FOREIGN KEY ("shipment_id","line_no") REFERENCES "public"."shipment_lines"("shipment_id","line_no") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shipment_withdrawals" ADD CONSTRAINT "shipment_withdrawals_shipment_id_shipments_id_fk" FOREIGN KEY ("shipment_id") REFERENCES "public"."shipments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
create trigger shipment_codes_append_only before update or delete on shipment_codes for each row execute function refuse_change();
--> statement-breakpoint
create trigger shipment_codes_no_truncate before truncate on shipment_codes for each statement execute function refuse_change();
--> statement-breakpoint
create trigger shipment_withdrawals_append_only before update or delete on shipment_withdrawals for each row execute function refuse_change();
--> statement-breakpoint
create trigger shipment_withdrawals_no_truncate before truncate on shipment_withdrawals for each statement execute function refuse_change();
--> statement-breakpoint
-- Hand-overs that count: what 1C took back makes no debt, no receipt and nothing that could come back.
create view standing_shipments as
  select s.id, s.order_id, s.document_key, s.number, s.shipped_at, s.business_date, s.total_kopecks, s.source, s.said, s.recorded_at, s.is_test
    from shipments s where not exists (select 1 from shipment_withdrawals w where w.shipment_id = s.id);

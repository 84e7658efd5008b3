ALTER TABLE "shipment_codes" DROP CONSTRAINT "shipment_codes_some";--> statement-breakpoint
ALTER TABLE "shipment_codes" DROP CONSTRAINT "shipment_codes_shipment_id_line_no_document_key_pk";--> statement-breakpoint
ALTER TABLE "shipment_codes" ADD COLUMN "mark_code" text;--> statement-breakpoint
-- One row for each code of a row of before, which goes then.
alter table shipment_codes disable trigger shipment_codes_append_only;--> statement-breakpoint
alter table shipment_codes alter column mark_codes drop not null;--> statement-breakpoint
insert into shipment_codes (shipment_id, line_no, document_key, mark_code, told_at)
select distinct on (c.shipment_id, c.line_no, code) c.shipment_id, c.line_no, c.document_key, code, c.told_at from shipment_codes c, unnest(c.mark_codes) code
 where code <> '' order by c.shipment_id, c.line_no, code, c.told_at;--> statement-breakpoint
delete from shipment_codes where mark_codes is not null;--> statement-breakpoint
alter table shipment_codes enable trigger shipment_codes_append_only;--> statement-breakpoint
ALTER TABLE "shipment_codes" DROP COLUMN "mark_codes";--> statement-breakpoint
ALTER TABLE "shipment_codes" ALTER COLUMN "mark_code" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "shipment_codes" ADD CONSTRAINT "shipment_codes_shipment_id_line_no_mark_code_pk" PRIMARY KEY("shipment_id","line_no","mark_code");--> statement-breakpoint
ALTER TABLE "shipment_codes" ADD CONSTRAINT "shipment_codes_some" CHECK (mark_code <> '');

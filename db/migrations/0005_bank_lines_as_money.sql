CREATE TABLE "fact_documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"fact_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"document_key" text NOT NULL,
	"document_number" text,
	"amount_kopecks" bigint NOT NULL,
	"told_at" timestamp with time zone NOT NULL,
	CONSTRAINT "fact_documents_amount_positive" CHECK ("fact_documents"."amount_kopecks" > 0)
);
--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD COLUMN "fact_id" uuid;--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD COLUMN "handled_by" text;--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD COLUMN "handled_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD COLUMN "handled_reason" text;--> statement-breakpoint
ALTER TABLE "fact_documents" ADD CONSTRAINT "fact_documents_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fact_documents" ADD CONSTRAINT "fact_documents_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "fact_documents_once" ON "fact_documents" USING btree ("order_id","document_key");--> statement-breakpoint
CREATE INDEX "fact_documents_fact" ON "fact_documents" USING btree ("fact_id");--> statement-breakpoint
CREATE INDEX "fact_documents_key" ON "fact_documents" USING btree ("document_key");--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD CONSTRAINT "bank_statement_lines_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "bank_statement_lines_fact" ON "bank_statement_lines" USING btree ("fact_id") WHERE fact_id is not null;--> statement-breakpoint
CREATE INDEX "bank_statement_lines_unidentified" ON "bank_statement_lines" USING btree ("received_on") WHERE kind = 'candidate' and direction = 'credit' and fact_id is null and handled_by is null;--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD CONSTRAINT "bank_statement_lines_handled_says_why" CHECK ((handled_by is null) = (handled_at is null) and (handled_by is null) = (handled_reason is null));--> statement-breakpoint
create trigger fact_documents_append_only before update or delete on fact_documents for each row execute function refuse_change();
--> statement-breakpoint
-- Which money a line proves is said once; which payout it belongs to, and what a person decided of it, may be mended.
create or replace function keep_bank_line_evidence() returns trigger language plpgsql as $$
declare
  mendable constant text[] := array['settlement_id', 'kind', 'fact_id', 'handled_by', 'handled_at', 'handled_reason'];
begin
  if tg_op = 'DELETE' or (to_jsonb(new) - mendable) is distinct from (to_jsonb(old) - mendable) or (old.fact_id is not null and new.fact_id is distinct from old.fact_id) then
    raise exception 'bank_statement_lines keeps its evidence: % refused', tg_op using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

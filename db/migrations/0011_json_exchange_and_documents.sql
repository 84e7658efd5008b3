CREATE TABLE "document_links" (
	"token" text PRIMARY KEY NOT NULL,
	"document_id" uuid NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "document_versions" (
	"document_id" uuid NOT NULL,
	"no" integer NOT NULL,
	"mime" text NOT NULL,
	"size_bytes" integer NOT NULL,
	"sha256" text NOT NULL,
	"bytes" "bytea" NOT NULL,
	"number" text,
	"document_date" date,
	"amount_kopecks" bigint,
	"received_at" timestamp with time zone NOT NULL,
	CONSTRAINT "document_versions_document_id_no_pk" PRIMARY KEY("document_id","no"),
	CONSTRAINT "document_versions_mime_known" CHECK ("document_versions"."mime" in ('application/pdf', 'application/xml', 'image/png')),
	CONSTRAINT "document_versions_size" CHECK (size_bytes between 1 and 10485760 and octet_length(bytes) = size_bytes)
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL,
	"onec_guid" text NOT NULL,
	"kind" text NOT NULL,
	"number" text,
	"document_date" date,
	"amount_kopecks" bigint,
	"order_ref" text,
	"order_id" uuid,
	"counterparty_ref" text,
	"counterparty_id" uuid,
	"version_no" integer NOT NULL,
	"hidden_at" timestamp with time zone,
	"is_test" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "documents_kind_known" CHECK ("documents"."kind" in ('invoice', 'upd', 'act', 'torg12', 'invoice_facture', 'reconciliation', 'contract', 'other')),
	CONSTRAINT "documents_amount_not_negative" CHECK (amount_kopecks >= 0)
);
--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "own_deferral_days" integer;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "own_deferral_day_kind" text;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "own_deferral_base" text;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "pay_methods" text[];--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "onec_version" bigint;--> statement-breakpoint
ALTER TABLE "document_links" ADD CONSTRAINT "document_links_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document_versions" ADD CONSTRAINT "document_versions_document_id_documents_id_fk" FOREIGN KEY ("document_id") REFERENCES "public"."documents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_counterparty_id_counterparties_id_fk" FOREIGN KEY ("counterparty_id") REFERENCES "public"."counterparties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "document_links_document" ON "document_links" USING btree ("document_id");--> statement-breakpoint
CREATE UNIQUE INDEX "documents_onec_guid" ON "documents" USING btree ("connection_id","onec_guid");--> statement-breakpoint
CREATE INDEX "documents_order" ON "documents" USING btree ("order_id","created_at") WHERE order_id is not null;--> statement-breakpoint
CREATE INDEX "documents_counterparty" ON "documents" USING btree ("counterparty_id") WHERE counterparty_id is not null;--> statement-breakpoint
CREATE INDEX "documents_waiting" ON "documents" USING btree ("connection_id","order_ref") WHERE order_id is null and order_ref is not null;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_pay_methods_known" CHECK (pay_methods <@ array['card', 'sbp', 'invoice'] and cardinality(pay_methods) > 0);--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_own_deferral_whole" CHECK (own_deferral_days between 0 and 3650 and (own_deferral_days is null) = (own_deferral_day_kind is null) and (own_deferral_days is null) = (own_deferral_base is null));--> statement-breakpoint
-- PDF and PNG are compressed already: the server does not try again.
alter table document_versions alter column bytes set storage external;
--> statement-breakpoint
create trigger document_versions_append_only before update or delete on document_versions for each row execute function refuse_change();
--> statement-breakpoint
-- Which document of 1C a row is never changes.
create function keep_document_identity() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'documents are hidden, never deleted' using errcode = 'restrict_violation';
  end if;
  if (new.id, new.connection_id, new.onec_guid, new.is_test, new.created_at) is distinct from (old.id, old.connection_id, old.onec_guid, old.is_test, old.created_at) or new.version_no < old.version_no then
    raise exception 'documents: identity does not change' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;
--> statement-breakpoint
create trigger documents_identity before update or delete on documents for each row execute function keep_document_identity();

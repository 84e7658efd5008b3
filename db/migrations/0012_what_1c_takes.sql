ALTER TABLE "connections" ADD COLUMN "query_flavour" text;--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "in_file" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "export_messages" ADD COLUMN "skipped_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_query_flavour_known" CHECK ("connections"."query_flavour" in ('ut', 'ut103', 'unf_plain', 'unf'));
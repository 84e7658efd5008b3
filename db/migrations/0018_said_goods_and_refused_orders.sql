ALTER TABLE "onec_files" ADD COLUMN "orders_refused" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "goods_returns" ADD COLUMN "said" jsonb;--> statement-breakpoint
ALTER TABLE "shipments" ADD COLUMN "said" jsonb;
ALTER TABLE "pilot_batches" DROP CONSTRAINT "pilot_batches_list_has_no_rule";--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "manager" text;--> statement-breakpoint
ALTER TABLE "pilot_batches" ADD COLUMN "manager" text;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_manager_short" CHECK (length(manager) between 1 and 200);--> statement-breakpoint
ALTER TABLE "pilot_batches" ADD CONSTRAINT "pilot_batches_list_has_no_rule" CHECK (kind = 'rule' or (payer_kind is null and counterparty_id is null and manager is null and total_max_kopecks is null));
ALTER TABLE "onec_files" ADD COLUMN "orders_refused" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "goods_returns" ADD COLUMN "said" jsonb;--> statement-breakpoint
ALTER TABLE "shipments" ADD COLUMN "said" jsonb;--> statement-breakpoint
-- Files of before: what they refused stands in their notes, and asked for again they must not answer `success`.
update onec_files set orders_refused = (select count(*) from jsonb_array_elements(notes) as note where (note->>'refused')::boolean) where jsonb_typeof(notes) = 'array' and notes <> '[]'::jsonb;

ALTER TABLE "connections" ADD COLUMN "imports_first_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "onec_sessions" ADD COLUMN "imports_first" boolean DEFAULT false NOT NULL;
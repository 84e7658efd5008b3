ALTER TABLE "feed_cursors" ADD COLUMN "push_ok_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "feed_cursors" ADD COLUMN "push_up_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "feed_events" ADD COLUMN "push_first_at" timestamp with time zone;
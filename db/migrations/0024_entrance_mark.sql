ALTER TABLE "connections" ADD COLUMN "entrance_mark" text;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_entrance_mark_unique" UNIQUE("entrance_mark");
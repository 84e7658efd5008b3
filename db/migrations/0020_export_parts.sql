DROP INDEX "export_messages_fact";--> statement-breakpoint
CREATE UNIQUE INDEX "export_messages_fact" ON "export_messages" USING btree ("fact_id","order_id","connection_id");
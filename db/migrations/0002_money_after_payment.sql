CREATE TABLE "hold_operations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"attempt_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"amount_kopecks" bigint NOT NULL,
	"state" text NOT NULL,
	"requested_by" text NOT NULL,
	"reason" text,
	"requested_at" timestamp with time zone NOT NULL,
	"submitted_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"step_no" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone,
	"fail_code" text,
	"fail_text" text,
	CONSTRAINT "hold_operations_kind_known" CHECK ("hold_operations"."kind" in ('capture', 'void')),
	CONSTRAINT "hold_operations_state_known" CHECK ("hold_operations"."state" in ('requested', 'submitting', 'unknown', 'done', 'failed')),
	CONSTRAINT "hold_operations_amount_positive" CHECK ("hold_operations"."amount_kopecks" > 0)
);
--> statement-breakpoint
CREATE TABLE "refund_lines" (
	"refund_id" uuid NOT NULL,
	"line_no" integer NOT NULL,
	"order_line_id" uuid NOT NULL,
	"quantity" text NOT NULL,
	"sum_kopecks" bigint NOT NULL,
	CONSTRAINT "refund_lines_sum_positive" CHECK ("refund_lines"."sum_kopecks" > 0)
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid,
	"payment_fact_id" uuid,
	"connection_id" uuid,
	"amount_kopecks" bigint NOT NULL,
	"method" text NOT NULL,
	"reason" text NOT NULL,
	"reason_text" text,
	"source" text NOT NULL,
	"state" text NOT NULL,
	"form_key" text,
	"document_key" text,
	"document_number" text,
	"requested_by" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"decided_by" text,
	"decided_at" timestamp with time zone,
	"decision_text" text,
	"demanded_on" date,
	"due_on" date,
	"provider_refund_id" text,
	"known_before" text[],
	"submitted_at" timestamp with time zone,
	"finished_at" timestamp with time zone,
	"fail_code" text,
	"fail_text" text,
	"step_no" integer DEFAULT 0 NOT NULL,
	"poll_count" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone,
	"claimed_until" timestamp with time zone,
	"fact_id" uuid,
	"is_test" boolean NOT NULL,
	CONSTRAINT "refunds_state_known" CHECK ("refunds"."state" in ('requested', 'approved', 'rejected', 'canceled', 'submitting', 'unknown', 'pending', 'succeeded', 'failed', 'external')),
	CONSTRAINT "refunds_method_known" CHECK ("refunds"."method" in ('instrument', 'bank_transfer', 'cash')),
	CONSTRAINT "refunds_reason_known" CHECK ("refunds"."reason" in ('order_reduction', 'order_cancelled', 'goods_return', 'double_payment', 'overpayment', 'price_concession', 'late_payment', 'other')),
	CONSTRAINT "refunds_source_known" CHECK ("refunds"."source" in ('buyer', 'staff', 'onec', 'provider_cabinet', 'auto')),
	CONSTRAINT "refunds_amount_positive" CHECK ("refunds"."amount_kopecks" > 0),
	CONSTRAINT "refunds_succeeded_has_fact" CHECK (state <> 'succeeded' or fact_id is not null),
	CONSTRAINT "refunds_four_eyes" CHECK (decided_by is null or state in ('requested', 'canceled', 'external') or decided_by <> requested_by or decided_by not like 'staff:%')
);
--> statement-breakpoint
CREATE TABLE "disputes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid,
	"payment_fact_id" uuid NOT NULL,
	"connection_id" uuid,
	"provider_dispute_id" text NOT NULL,
	"amount_kopecks" bigint NOT NULL,
	"state" text NOT NULL,
	"reason_text" text,
	"deadline_on" date,
	"opened_at" timestamp with time zone NOT NULL,
	"opened_by" text NOT NULL,
	"decided_at" timestamp with time zone,
	"decided_by" text,
	"decision_text" text,
	"fact_id" uuid,
	"reversed_fact_id" uuid,
	"is_test" boolean NOT NULL,
	CONSTRAINT "disputes_state_known" CHECK ("disputes"."state" in ('opened', 'evidence_needed', 'under_review', 'won', 'lost', 'accepted')),
	CONSTRAINT "disputes_amount_positive" CHECK ("disputes"."amount_kopecks" > 0)
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"id" uuid PRIMARY KEY NOT NULL,
	"object_type" text NOT NULL,
	"object_id" uuid NOT NULL,
	"order_id" uuid,
	"note" text,
	"url" text,
	"file_name" text,
	"mime" text,
	"bytes" "bytea",
	"size_bytes" integer,
	"added_by" text NOT NULL,
	"added_at" timestamp with time zone NOT NULL,
	CONSTRAINT "evidence_says_something" CHECK (note is not null or url is not null or bytes is not null)
);
--> statement-breakpoint
CREATE TABLE "goods_return_lines" (
	"goods_return_id" uuid NOT NULL,
	"line_no" integer NOT NULL,
	"order_line_id" uuid,
	"quantity" text NOT NULL,
	"sum_kopecks" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "goods_returns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"document_key" text NOT NULL,
	"number" text,
	"returned_at" timestamp with time zone NOT NULL,
	"total_kopecks" bigint NOT NULL,
	"source" text NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"is_test" boolean NOT NULL,
	CONSTRAINT "goods_returns_total_positive" CHECK ("goods_returns"."total_kopecks" > 0)
);
--> statement-breakpoint
CREATE TABLE "shipment_lines" (
	"shipment_id" uuid NOT NULL,
	"line_no" integer NOT NULL,
	"order_line_id" uuid,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"unit_code" text,
	"quantity" text NOT NULL,
	"sum_kopecks" bigint NOT NULL,
	"vat_rate" text NOT NULL,
	"mark_codes" text[]
);
--> statement-breakpoint
CREATE TABLE "shipments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"document_key" text NOT NULL,
	"number" text,
	"shipped_at" timestamp with time zone NOT NULL,
	"business_date" date NOT NULL,
	"total_kopecks" bigint NOT NULL,
	"source" text NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"is_test" boolean NOT NULL,
	CONSTRAINT "shipments_source_known" CHECK ("shipments"."source" in ('onec_status', 'onec_document', 'staff')),
	CONSTRAINT "shipments_total_not_negative" CHECK ("shipments"."total_kopecks" >= 0)
);
--> statement-breakpoint
CREATE TABLE "bank_statement_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"statement_id" uuid NOT NULL,
	"line_key" text NOT NULL,
	"line_no" integer NOT NULL,
	"account" text NOT NULL,
	"direction" text NOT NULL,
	"kind" text NOT NULL,
	"number" text,
	"received_on" date NOT NULL,
	"amount_kopecks" bigint NOT NULL,
	"payer_name" text,
	"payer_inn" text,
	"payer_account" text,
	"purpose" text NOT NULL,
	"raw" text NOT NULL,
	"settlement_id" uuid,
	"is_test" boolean NOT NULL,
	CONSTRAINT "bank_statement_lines_kind_known" CHECK ("bank_statement_lines"."kind" in ('acquirer_settlement', 'sbp_settlement', 'own_transfer', 'returned', 'fee', 'candidate', 'other')),
	CONSTRAINT "bank_statement_lines_amount_positive" CHECK ("bank_statement_lines"."amount_kopecks" > 0)
);
--> statement-breakpoint
CREATE TABLE "bank_statements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"bank_account_id" uuid,
	"account" text NOT NULL,
	"file_name" text NOT NULL,
	"file_sha256" text NOT NULL,
	"day_from" date NOT NULL,
	"day_to" date NOT NULL,
	"opening_kopecks" bigint,
	"closing_kopecks" bigint,
	"line_count" integer NOT NULL,
	"new_count" integer NOT NULL,
	"warnings" jsonb NOT NULL,
	"received_by" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"is_test" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "closed_days" (
	"id" uuid PRIMARY KEY NOT NULL,
	"day" date NOT NULL,
	"is_test" boolean NOT NULL,
	"figures" jsonb NOT NULL,
	"closed_by" text NOT NULL,
	"closed_at" timestamp with time zone NOT NULL,
	"reopened_by" text,
	"reopened_at" timestamp with time zone,
	"reopen_reason" text,
	CONSTRAINT "closed_days_reopened_says_why" CHECK (reopened_at is null or (reopened_by is not null and reopen_reason is not null))
);
--> statement-breakpoint
CREATE TABLE "discrepancies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"class" text NOT NULL,
	"object_key" text NOT NULL,
	"severity" text NOT NULL,
	"state" text NOT NULL,
	"connection_id" uuid,
	"business_date" date NOT NULL,
	"ours_kopecks" bigint,
	"theirs_kopecks" bigint,
	"order_id" uuid,
	"fact_id" uuid,
	"entry_id" uuid,
	"settlement_id" uuid,
	"bank_line_id" uuid,
	"receipt_id" uuid,
	"shipment_id" uuid,
	"alert_id" uuid,
	"detail" jsonb NOT NULL,
	"due_at" timestamp with time zone NOT NULL,
	"found_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"opened_at" timestamp with time zone,
	"closed_at" timestamp with time zone,
	"closed_by" text,
	"resolution" text,
	"is_test" boolean NOT NULL,
	CONSTRAINT "discrepancies_state_known" CHECK ("discrepancies"."state" in ('expected', 'open', 'auto_resolved', 'resolved', 'ignored')),
	CONSTRAINT "discrepancies_closed_has_reason" CHECK (state in ('expected', 'open') or (closed_at is not null and closed_by is not null and resolution is not null))
);
--> statement-breakpoint
CREATE TABLE "registries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL,
	"source" text NOT NULL,
	"file_name" text,
	"file_sha256" text,
	"day_from" date NOT NULL,
	"day_to" date NOT NULL,
	"line_count" integer NOT NULL,
	"new_count" integer NOT NULL,
	"known_count" integer NOT NULL,
	"problem_count" integer NOT NULL,
	"received_by" text NOT NULL,
	"received_at" timestamp with time zone NOT NULL,
	"is_test" boolean NOT NULL,
	CONSTRAINT "registries_days_ordered" CHECK (day_from <= day_to)
);
--> statement-breakpoint
CREATE TABLE "registry_entries" (
	"id" uuid PRIMARY KEY NOT NULL,
	"registry_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"line_no" integer NOT NULL,
	"kind" text NOT NULL,
	"entry_key" text NOT NULL,
	"provider_payment_id" text NOT NULL,
	"provider_operation_id" text,
	"reference" text,
	"amount_kopecks" bigint NOT NULL,
	"fee_kopecks" bigint,
	"fee_vat_kopecks" bigint,
	"occurred_at" timestamp with time zone NOT NULL,
	"business_date" date NOT NULL,
	"payout_id" text,
	"payout_date" date,
	"instrument" text,
	"raw" jsonb,
	"is_test" boolean NOT NULL,
	CONSTRAINT "registry_entries_kind_known" CHECK ("registry_entries"."kind" in ('payment', 'refund', 'chargeback', 'chargeback_reversed')),
	CONSTRAINT "registry_entries_amount_positive" CHECK ("registry_entries"."amount_kopecks" > 0),
	CONSTRAINT "registry_entries_fee_not_negative" CHECK (fee_kopecks >= 0 and fee_vat_kopecks >= 0)
);
--> statement-breakpoint
CREATE TABLE "registry_problems" (
	"registry_id" uuid NOT NULL,
	"line_no" integer NOT NULL,
	"code" text NOT NULL,
	"text" text NOT NULL,
	"raw" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settlements" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL,
	"payout_id" text NOT NULL,
	"payout_date" date NOT NULL,
	"captured_kopecks" bigint NOT NULL,
	"refunded_kopecks" bigint NOT NULL,
	"charged_back_kopecks" bigint NOT NULL,
	"fee_kopecks" bigint NOT NULL,
	"fee_vat_kopecks" bigint NOT NULL,
	"adjustment_kopecks" bigint DEFAULT 0 NOT NULL,
	"adjustment_reason" text,
	"expected_kopecks" bigint NOT NULL,
	"is_test" boolean NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "settlements_equation" CHECK (expected_kopecks = captured_kopecks - refunded_kopecks - charged_back_kopecks - fee_kopecks - fee_vat_kopecks + adjustment_kopecks),
	CONSTRAINT "settlements_adjustment_has_reason" CHECK (adjustment_kopecks = 0 or adjustment_reason is not null)
);
--> statement-breakpoint
ALTER TABLE "orders" DROP CONSTRAINT "orders_money_not_negative";--> statement-breakpoint
ALTER TABLE "receipts" DROP CONSTRAINT "receipts_purpose_known";--> statement-breakpoint
DROP INDEX "receipts_one_per_fact";--> statement-breakpoint
ALTER TABLE "orders" ADD COLUMN "goods_returned_kopecks" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "receipts" ADD COLUMN "shipment_id" uuid;--> statement-breakpoint
ALTER TABLE "receipts" ADD COLUMN "part_no" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "receipts" ADD COLUMN "corrects_receipt_id" uuid;--> statement-breakpoint
ALTER TABLE "receipts" ADD COLUMN "offset_kopecks" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "receipts" ADD COLUMN "credit_kopecks" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "receipts" ADD COLUMN "cash_kopecks" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "hold_operations" ADD CONSTRAINT "hold_operations_attempt_id_payment_attempts_id_fk" FOREIGN KEY ("attempt_id") REFERENCES "public"."payment_attempts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refund_lines" ADD CONSTRAINT "refund_lines_refund_id_refunds_id_fk" FOREIGN KEY ("refund_id") REFERENCES "public"."refunds"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refund_lines" ADD CONSTRAINT "refund_lines_order_line_id_order_lines_id_fk" FOREIGN KEY ("order_line_id") REFERENCES "public"."order_lines"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_payment_fact_id_money_facts_id_fk" FOREIGN KEY ("payment_fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_payment_fact_id_money_facts_id_fk" FOREIGN KEY ("payment_fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_reversed_fact_id_money_facts_id_fk" FOREIGN KEY ("reversed_fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "goods_return_lines" ADD CONSTRAINT "goods_return_lines_goods_return_id_goods_returns_id_fk" FOREIGN KEY ("goods_return_id") REFERENCES "public"."goods_returns"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "goods_return_lines" ADD CONSTRAINT "goods_return_lines_order_line_id_order_lines_id_fk" FOREIGN KEY ("order_line_id") REFERENCES "public"."order_lines"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "goods_returns" ADD CONSTRAINT "goods_returns_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shipment_lines" ADD CONSTRAINT "shipment_lines_shipment_id_shipments_id_fk" FOREIGN KEY ("shipment_id") REFERENCES "public"."shipments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shipment_lines" ADD CONSTRAINT "shipment_lines_order_line_id_order_lines_id_fk" FOREIGN KEY ("order_line_id") REFERENCES "public"."order_lines"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shipments" ADD CONSTRAINT "shipments_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD CONSTRAINT "bank_statement_lines_statement_id_bank_statements_id_fk" FOREIGN KEY ("statement_id") REFERENCES "public"."bank_statements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statement_lines" ADD CONSTRAINT "bank_statement_lines_settlement_id_settlements_id_fk" FOREIGN KEY ("settlement_id") REFERENCES "public"."settlements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bank_statements" ADD CONSTRAINT "bank_statements_bank_account_id_bank_accounts_id_fk" FOREIGN KEY ("bank_account_id") REFERENCES "public"."bank_accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_entry_id_registry_entries_id_fk" FOREIGN KEY ("entry_id") REFERENCES "public"."registry_entries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_settlement_id_settlements_id_fk" FOREIGN KEY ("settlement_id") REFERENCES "public"."settlements"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_bank_line_id_bank_statement_lines_id_fk" FOREIGN KEY ("bank_line_id") REFERENCES "public"."bank_statement_lines"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "discrepancies" ADD CONSTRAINT "discrepancies_alert_id_alerts_id_fk" FOREIGN KEY ("alert_id") REFERENCES "public"."alerts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registries" ADD CONSTRAINT "registries_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registry_entries" ADD CONSTRAINT "registry_entries_registry_id_registries_id_fk" FOREIGN KEY ("registry_id") REFERENCES "public"."registries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registry_entries" ADD CONSTRAINT "registry_entries_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "registry_problems" ADD CONSTRAINT "registry_problems_registry_id_registries_id_fk" FOREIGN KEY ("registry_id") REFERENCES "public"."registries"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlements" ADD CONSTRAINT "settlements_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "hold_operations_one_open" ON "hold_operations" USING btree ("attempt_id") WHERE state in ('requested', 'submitting', 'unknown');--> statement-breakpoint
CREATE INDEX "hold_operations_next_try" ON "hold_operations" USING btree ("next_try_at") WHERE next_try_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "refund_lines_no" ON "refund_lines" USING btree ("refund_id","line_no");--> statement-breakpoint
CREATE UNIQUE INDEX "refund_lines_order_line" ON "refund_lines" USING btree ("refund_id","order_line_id");--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_form_key" ON "refunds" USING btree ("order_id","form_key") WHERE form_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_provider_refund" ON "refunds" USING btree ("connection_id","provider_refund_id") WHERE provider_refund_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_document" ON "refunds" USING btree ("order_id","document_key") WHERE document_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_fact" ON "refunds" USING btree ("fact_id") WHERE fact_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "refunds_one_on_its_way" ON "refunds" USING btree ("payment_fact_id") WHERE state in ('submitting', 'unknown') or (state = 'pending' and provider_refund_id is null);--> statement-breakpoint
CREATE INDEX "refunds_order" ON "refunds" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "refunds_payment" ON "refunds" USING btree ("payment_fact_id");--> statement-breakpoint
CREATE INDEX "refunds_state" ON "refunds" USING btree ("state","requested_at");--> statement-breakpoint
CREATE INDEX "refunds_next_try" ON "refunds" USING btree ("next_try_at") WHERE next_try_at is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "disputes_provider_dispute" ON "disputes" USING btree ("connection_id","provider_dispute_id");--> statement-breakpoint
CREATE INDEX "disputes_order" ON "disputes" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "disputes_deadline" ON "disputes" USING btree ("deadline_on") WHERE state in ('opened', 'evidence_needed', 'under_review');--> statement-breakpoint
CREATE INDEX "evidence_object" ON "evidence" USING btree ("object_type","object_id");--> statement-breakpoint
CREATE UNIQUE INDEX "goods_return_lines_no" ON "goods_return_lines" USING btree ("goods_return_id","line_no");--> statement-breakpoint
CREATE UNIQUE INDEX "goods_returns_document" ON "goods_returns" USING btree ("order_id","document_key");--> statement-breakpoint
CREATE UNIQUE INDEX "shipment_lines_no" ON "shipment_lines" USING btree ("shipment_id","line_no");--> statement-breakpoint
CREATE INDEX "shipment_lines_order_line" ON "shipment_lines" USING btree ("order_line_id");--> statement-breakpoint
CREATE UNIQUE INDEX "shipments_document" ON "shipments" USING btree ("order_id","document_key");--> statement-breakpoint
CREATE UNIQUE INDEX "bank_statement_lines_key" ON "bank_statement_lines" USING btree ("account","line_key");--> statement-breakpoint
CREATE INDEX "bank_statement_lines_day" ON "bank_statement_lines" USING btree ("received_on");--> statement-breakpoint
CREATE INDEX "bank_statement_lines_settlement" ON "bank_statement_lines" USING btree ("settlement_id");--> statement-breakpoint
CREATE UNIQUE INDEX "bank_statements_file" ON "bank_statements" USING btree ("account","file_sha256");--> statement-breakpoint
CREATE UNIQUE INDEX "closed_days_one" ON "closed_days" USING btree ("is_test","day") WHERE reopened_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "discrepancies_one_open" ON "discrepancies" USING btree ("class","object_key") WHERE state in ('expected', 'open');--> statement-breakpoint
CREATE INDEX "discrepancies_day" ON "discrepancies" USING btree ("is_test","business_date");--> statement-breakpoint
CREATE INDEX "discrepancies_state" ON "discrepancies" USING btree ("state","due_at");--> statement-breakpoint
CREATE INDEX "discrepancies_order" ON "discrepancies" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "discrepancies_fact" ON "discrepancies" USING btree ("fact_id");--> statement-breakpoint
CREATE UNIQUE INDEX "registries_file" ON "registries" USING btree ("connection_id","file_sha256") WHERE file_sha256 is not null;--> statement-breakpoint
CREATE INDEX "registries_days" ON "registries" USING btree ("connection_id","day_from","day_to");--> statement-breakpoint
CREATE UNIQUE INDEX "registry_entries_key" ON "registry_entries" USING btree ("connection_id","kind","entry_key");--> statement-breakpoint
CREATE INDEX "registry_entries_payment" ON "registry_entries" USING btree ("connection_id","provider_payment_id");--> statement-breakpoint
CREATE INDEX "registry_entries_day" ON "registry_entries" USING btree ("connection_id","business_date");--> statement-breakpoint
CREATE INDEX "registry_entries_payout" ON "registry_entries" USING btree ("connection_id","payout_id") WHERE payout_id is not null;--> statement-breakpoint
CREATE INDEX "registry_entries_registry" ON "registry_entries" USING btree ("registry_id","line_no");--> statement-breakpoint
CREATE INDEX "registry_problems_registry" ON "registry_problems" USING btree ("registry_id","line_no");--> statement-breakpoint
CREATE UNIQUE INDEX "settlements_payout" ON "settlements" USING btree ("connection_id","payout_id");--> statement-breakpoint
CREATE INDEX "settlements_date" ON "settlements" USING btree ("payout_date");--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_shipment_id_shipments_id_fk" FOREIGN KEY ("shipment_id") REFERENCES "public"."shipments"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "money_facts_parent" ON "money_facts" USING btree ("parent_fact_id") WHERE parent_fact_id is not null;--> statement-breakpoint
CREATE INDEX "money_facts_recorded" ON "money_facts" USING btree ("recorded_at");--> statement-breakpoint
CREATE UNIQUE INDEX "receipts_one_per_shipment" ON "receipts" USING btree ("shipment_id","part_no") WHERE shipment_id is not null and state <> 'cancelled' and corrects_receipt_id is null;--> statement-breakpoint
CREATE UNIQUE INDEX "receipts_one_per_fact" ON "receipts" USING btree ("fact_id","part_no") WHERE state <> 'cancelled' and corrects_receipt_id is null;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_money_not_negative" CHECK (captured_kopecks >= 0 and reversed_kopecks >= 0 and refunded_kopecks >= 0 and charged_back_kopecks >= 0 and held_kopecks >= 0 and goods_returned_kopecks >= 0);--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_kind_known" CHECK ("receipts"."kind" in ('income', 'income_return', 'income_correction', 'income_return_correction'));--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_money_within_total" CHECK (offset_kopecks >= 0 and credit_kopecks >= 0 and cash_kopecks >= 0 and offset_kopecks + credit_kopecks + cash_kopecks <= total_kopecks);--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_purpose_known" CHECK ("receipts"."purpose" in ('prepayment', 'advance', 'closing', 'refund', 'credit_payment', 'correction', 'reversal'));
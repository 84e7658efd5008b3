CREATE TABLE "bank_accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seller_org_id" uuid NOT NULL,
	"bank_name" text NOT NULL,
	"bik" text NOT NULL,
	"account" text NOT NULL,
	"corr_account" text,
	"is_default" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "calendar_days" (
	"day" date PRIMARY KEY NOT NULL,
	"is_working" boolean NOT NULL,
	"note" text
);
--> statement-breakpoint
CREATE TABLE "counterparties" (
	"id" uuid PRIMARY KEY NOT NULL,
	"onec_connection_id" uuid,
	"onec_guid" text,
	"payer_kind" text NOT NULL,
	"name" text NOT NULL,
	"official_name" text,
	"inn" text,
	"kpp" text,
	"address" text,
	"email" text,
	"phone" text,
	"deferral_days" integer,
	"deferral_day_kind" text,
	"deferral_base" text,
	"credit_limit_kopecks" bigint,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "counterparties_payer_kind_known" CHECK ("counterparties"."payer_kind" in ('individual', 'sole_proprietor', 'organization', 'unknown'))
);
--> statement-breakpoint
CREATE TABLE "seller_orgs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"brand_name" text NOT NULL,
	"legal_name" text NOT NULL,
	"inn" text NOT NULL,
	"kpp" text,
	"ogrn" text,
	"tax_system" text NOT NULL,
	"address" text NOT NULL,
	"phone" text NOT NULL,
	"email" text NOT NULL,
	"site_url" text NOT NULL,
	"offer_url" text,
	"privacy_url" text,
	"director_name" text,
	"accountant_name" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "seller_orgs_tax_system_known" CHECK ("seller_orgs"."tax_system" in ('osn', 'usn_income', 'usn_income_outcome', 'esn', 'patent'))
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"updated_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "stores" (
	"id" uuid PRIMARY KEY NOT NULL,
	"seller_org_id" uuid NOT NULL,
	"name" text NOT NULL,
	"address" text,
	"mode" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "stores_mode_known" CHECK ("stores"."mode" in ('off', 'sandbox', 'shadow', 'pilot', 'live'))
);
--> statement-breakpoint
CREATE TABLE "connections" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"provider" text NOT NULL,
	"name" text NOT NULL,
	"seller_org_id" uuid,
	"store_id" uuid,
	"environment" text NOT NULL,
	"door" text NOT NULL,
	"settings" jsonb NOT NULL,
	"secret_sealed" text,
	"secret_key_id" text,
	"priority" integer DEFAULT 0 NOT NULL,
	"enabled" boolean NOT NULL,
	"blocked_reason" text,
	"last_seen_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "connections_door_unique" UNIQUE("door"),
	CONSTRAINT "connections_kind_known" CHECK ("connections"."kind" in ('acquirer', 'register', 'onec', 'mail')),
	CONSTRAINT "connections_environment_known" CHECK ("connections"."environment" in ('test', 'live'))
);
--> statement-breakpoint
CREATE TABLE "order_events" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"kind" text NOT NULL,
	"actor" text NOT NULL,
	"amount_kopecks" bigint,
	"subject_id" uuid,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "order_lines" (
	"id" uuid PRIMARY KEY NOT NULL,
	"revision_id" uuid NOT NULL,
	"line_no" integer NOT NULL,
	"onec_item_id" text,
	"sku" text,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"unit_code" text,
	"unit_name" text,
	"quantity" text NOT NULL,
	"price_kopecks" bigint NOT NULL,
	"sum_kopecks" bigint NOT NULL,
	"vat_rate" text NOT NULL,
	"vat_kopecks" bigint NOT NULL,
	CONSTRAINT "order_lines_kind_known" CHECK ("order_lines"."kind" in ('goods', 'service')),
	CONSTRAINT "order_lines_sum_not_negative" CHECK ("order_lines"."sum_kopecks" >= 0)
);
--> statement-breakpoint
CREATE TABLE "order_revisions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"no" integer NOT NULL,
	"total_kopecks" bigint NOT NULL,
	"vat_kopecks" bigint,
	"content_hash" text NOT NULL,
	"source" json NOT NULL,
	"received_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"id" uuid PRIMARY KEY NOT NULL,
	"no" bigint GENERATED ALWAYS AS IDENTITY (sequence name "orders_no_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"seller_org_id" uuid NOT NULL,
	"store_id" uuid NOT NULL,
	"onec_connection_id" uuid,
	"onec_guid" text,
	"number" text NOT NULL,
	"onec_number" text,
	"onec_date" timestamp with time zone,
	"order_date" timestamp with time zone NOT NULL,
	"counterparty_id" uuid,
	"payer_kind" text NOT NULL,
	"buyer_name" text NOT NULL,
	"contact" text,
	"comment" text,
	"lifecycle" text NOT NULL,
	"onec_state" text,
	"is_posted" boolean NOT NULL,
	"revision_no" integer NOT NULL,
	"content_hash" text NOT NULL,
	"total_kopecks" bigint NOT NULL,
	"lines_match_total" boolean NOT NULL,
	"captured_kopecks" bigint DEFAULT 0 NOT NULL,
	"reversed_kopecks" bigint DEFAULT 0 NOT NULL,
	"refunded_kopecks" bigint DEFAULT 0 NOT NULL,
	"charged_back_kopecks" bigint DEFAULT 0 NOT NULL,
	"held_kopecks" bigint DEFAULT 0 NOT NULL,
	"payment_status" text NOT NULL,
	"paid_at" timestamp with time zone,
	"onec_payment_number" text,
	"onec_payment_at" timestamp with time zone,
	"closing_waits_since" timestamp with time zone,
	"onec_shipment_number" text,
	"onec_shipment_at" timestamp with time zone,
	"due_date" date,
	"reserved_until" timestamp with time zone,
	"export_version" integer DEFAULT 0 NOT NULL,
	"exported_version" integer DEFAULT 0 NOT NULL,
	"is_test" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "orders_no_unique" UNIQUE("no"),
	CONSTRAINT "orders_lifecycle_known" CHECK ("orders"."lifecycle" in ('active', 'reserved', 'partially_shipped', 'shipped', 'completed', 'cancelled', 'deleted')),
	CONSTRAINT "orders_payment_status_known" CHECK ("orders"."payment_status" in ('inconsistent', 'overpaid', 'paid', 'refunded', 'nothing_due', 'partially_paid', 'authorized', 'awaiting_payment', 'not_paid')),
	CONSTRAINT "orders_payer_kind_known" CHECK ("orders"."payer_kind" in ('individual', 'sole_proprietor', 'organization', 'unknown')),
	CONSTRAINT "orders_total_not_negative" CHECK ("orders"."total_kopecks" >= 0),
	CONSTRAINT "orders_money_not_negative" CHECK (captured_kopecks >= 0 and reversed_kopecks >= 0 and refunded_kopecks >= 0 and charged_back_kopecks >= 0 and held_kopecks >= 0)
);
--> statement-breakpoint
CREATE TABLE "payment_attempts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"link_id" uuid,
	"connection_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"method" text NOT NULL,
	"reference" text NOT NULL,
	"revision_no" integer NOT NULL,
	"amount_kopecks" bigint NOT NULL,
	"payer_id" text NOT NULL,
	"contact" text NOT NULL,
	"state" text NOT NULL,
	"is_superseded" boolean DEFAULT false NOT NULL,
	"form_key" text NOT NULL,
	"provider_invoice_id" text,
	"provider_payment_id" text,
	"go_kind" text,
	"go_target" text,
	"instrument" text,
	"rrn" text,
	"fail_code" text,
	"fail_class" text,
	"expires_at" timestamp with time zone,
	"poll_count" integer DEFAULT 0 NOT NULL,
	"next_poll_at" timestamp with time zone,
	"last_polled_at" timestamp with time zone,
	"confirmed_by_read_at" timestamp with time zone,
	"is_test" boolean NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "payment_attempts_state_known" CHECK ("payment_attempts"."state" in ('created', 'unknown', 'pending', 'authorized', 'succeeded', 'failed', 'canceled', 'expired')),
	CONSTRAINT "payment_attempts_amount_positive" CHECK ("payment_attempts"."amount_kopecks" > 0),
	CONSTRAINT "payment_attempts_reference_ascii" CHECK ("payment_attempts"."reference" ~ '^[A-Za-z0-9_-]{1,64}$')
);
--> statement-breakpoint
CREATE TABLE "payment_links" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"token" text NOT NULL,
	"state" text NOT NULL,
	"revision_no" integer NOT NULL,
	"amount_kopecks" bigint NOT NULL,
	"valid_until" timestamp with time zone NOT NULL,
	"first_opened_at" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "payment_links_token_unique" UNIQUE("token"),
	CONSTRAINT "payment_links_state_known" CHECK ("payment_links"."state" in ('active', 'fulfilled', 'expired', 'revoked', 'superseded'))
);
--> statement-breakpoint
CREATE TABLE "allocations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"fact_id" uuid NOT NULL,
	"order_id" uuid,
	"counterparty_id" uuid,
	"amount_kopecks" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "allocations_amount_not_zero" CHECK ("allocations"."amount_kopecks" <> 0)
);
--> statement-breakpoint
CREATE TABLE "money_facts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"amount_kopecks" bigint NOT NULL,
	"method" text NOT NULL,
	"connection_id" uuid,
	"provider_payment_id" text,
	"capture_no" integer,
	"provider_operation_id" text,
	"document_key" text,
	"document_number" text,
	"attempt_id" uuid,
	"parent_fact_id" uuid,
	"occurred_at" timestamp with time zone NOT NULL,
	"recorded_at" timestamp with time zone NOT NULL,
	"business_date" date NOT NULL,
	"fiscal_owner" text NOT NULL,
	"is_test" boolean NOT NULL,
	"actor" text NOT NULL,
	"note" text,
	CONSTRAINT "money_facts_kind_known" CHECK ("money_facts"."kind" in ('payment_captured', 'payment_reversed', 'refund_succeeded', 'refund_reversed', 'chargeback', 'chargeback_reversed', 'authorized', 'authorization_voided')),
	CONSTRAINT "money_facts_method_known" CHECK ("money_facts"."method" in ('card', 'sbp', 'sbp_b2b', 'digital_ruble', 'bank_transfer', 'cash', 'card_pos', 'offset')),
	CONSTRAINT "money_facts_fiscal_owner_known" CHECK ("money_facts"."fiscal_owner" in ('site', 'onec', 'provider', 'pos', 'none')),
	CONSTRAINT "money_facts_amount_positive" CHECK ("money_facts"."amount_kopecks" > 0),
	CONSTRAINT "money_facts_has_key" CHECK ((provider_payment_id is not null) or (provider_operation_id is not null) or (document_key is not null)),
	CONSTRAINT "money_facts_capture_numbered" CHECK (kind <> 'payment_captured' or provider_payment_id is null or capture_no is not null)
);
--> statement-breakpoint
CREATE TABLE "exchange_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid,
	"order_id" uuid,
	"subject_id" uuid,
	"at" timestamp with time zone NOT NULL,
	"action" text NOT NULL,
	"request" text NOT NULL,
	"answer" text,
	"http_status" integer,
	"outcome" text NOT NULL,
	"duration_ms" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "inbox_messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid,
	"source" text NOT NULL,
	"event_key" text NOT NULL,
	"provider_payment_id" text,
	"received_at" timestamp with time zone NOT NULL,
	"headers" jsonb NOT NULL,
	"body" text NOT NULL,
	"body_sha256" text NOT NULL,
	"ip" text,
	"result" text NOT NULL,
	"result_text" text,
	"order_id" uuid,
	"repeats" integer DEFAULT 0 NOT NULL,
	"handled_at" timestamp with time zone,
	CONSTRAINT "inbox_messages_result_known" CHECK ("inbox_messages"."result" in ('received', 'applied', 'rejected', 'ignored_stale', 'orphan', 'forged'))
);
--> statement-breakpoint
CREATE TABLE "receipt_lines" (
	"receipt_id" uuid NOT NULL,
	"line_no" integer NOT NULL,
	"order_line_id" uuid,
	"name" text NOT NULL,
	"quantity" text NOT NULL,
	"price_kopecks" bigint NOT NULL,
	"sum_kopecks" bigint NOT NULL,
	"vat_rate" text NOT NULL,
	"vat_kopecks" bigint NOT NULL,
	"method" integer NOT NULL,
	"subject" integer NOT NULL,
	"measure" integer,
	CONSTRAINT "receipt_lines_sum_positive" CHECK (sum_kopecks > 0)
);
--> statement-breakpoint
CREATE TABLE "receipts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"fact_id" uuid,
	"order_id" uuid,
	"connection_id" uuid,
	"purpose" text NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"reason_code" text,
	"total_kopecks" bigint NOT NULL,
	"contact" text,
	"neutral" jsonb,
	"external_id" text,
	"try_no" integer DEFAULT 1 NOT NULL,
	"request_body" text,
	"request_sha256" text,
	"step_no" integer DEFAULT 0 NOT NULL,
	"send_count" integer DEFAULT 0 NOT NULL,
	"poll_count" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone,
	"claimed_until" timestamp with time zone,
	"fail_code" text,
	"fail_text" text,
	"due_at" timestamp with time zone NOT NULL,
	"planned_at" timestamp with time zone NOT NULL,
	"sent_at" timestamp with time zone,
	"registered_at" timestamp with time zone,
	"fn_number" text,
	"fd_number" text,
	"fiscal_sign" text,
	"register_number" text,
	"shift_number" integer,
	"registered_at_local" text,
	"ofd_name" text,
	"receipt_url" text,
	"qr" text,
	"is_test" boolean NOT NULL,
	CONSTRAINT "receipts_state_known" CHECK ("receipts"."state" in ('planned', 'queued', 'sent', 'unknown', 'registered', 'failed_retryable', 'failed_final', 'cancelled', 'not_required')),
	CONSTRAINT "receipts_purpose_known" CHECK ("receipts"."purpose" in ('prepayment', 'advance', 'closing', 'refund', 'credit_payment')),
	CONSTRAINT "receipts_reason_when_not_required" CHECK (state <> 'not_required' or reason_code is not null),
	CONSTRAINT "receipts_registered_has_fiscal_data" CHECK (state <> 'registered' or (fn_number is not null and fd_number is not null and fiscal_sign is not null)),
	CONSTRAINT "receipts_total_positive" CHECK (total_kopecks > 0)
);
--> statement-breakpoint
CREATE TABLE "export_messages" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"fact_id" uuid NOT NULL,
	"amount_kopecks" bigint NOT NULL,
	"seq" integer NOT NULL,
	"order_version" integer NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"delivered_at" timestamp with time zone,
	"confirmed_at" timestamp with time zone,
	"onec_document_number" text,
	"rejected_reason" text,
	CONSTRAINT "export_messages_state_known" CHECK ("export_messages"."state" in ('pending', 'delivered', 'confirmed', 'rejected'))
);
--> statement-breakpoint
CREATE TABLE "onec_calls" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid,
	"at" timestamp with time zone NOT NULL,
	"type" text NOT NULL,
	"mode" text NOT NULL,
	"answer" text NOT NULL,
	"summary" text NOT NULL,
	"duration_ms" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "onec_file_pieces" (
	"file_id" uuid NOT NULL,
	"no" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "onec_file_pieces_file_id_no_pk" PRIMARY KEY("file_id","no")
);
--> statement-breakpoint
CREATE TABLE "onec_files" (
	"id" uuid PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"connection_id" uuid NOT NULL,
	"name" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"piece_count" integer NOT NULL,
	"state" text NOT NULL,
	"documents_done" integer DEFAULT 0 NOT NULL,
	"orders_taken" integer DEFAULT 0 NOT NULL,
	"notes" jsonb NOT NULL,
	"fail_reason" text,
	"entries" jsonb,
	"claimed_until" timestamp with time zone,
	"created_at" timestamp with time zone NOT NULL,
	"touched_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "onec_files_state_known" CHECK ("onec_files"."state" in ('receiving', 'processing', 'done', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "onec_sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"connection_id" uuid NOT NULL,
	"cookie_hash" text NOT NULL,
	"sessid_hash" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"offered" jsonb,
	"offered_at" timestamp with time zone,
	"taken_at" timestamp with time zone,
	CONSTRAINT "onec_sessions_cookie_hash_unique" UNIQUE("cookie_hash")
);
--> statement-breakpoint
CREATE TABLE "invoices" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"number" text NOT NULL,
	"version" integer NOT NULL,
	"state" text NOT NULL,
	"revision_no" integer NOT NULL,
	"total_kopecks" bigint NOT NULL,
	"content" jsonb NOT NULL,
	"pdf" "bytea",
	"token" text NOT NULL,
	"issued_at" timestamp with time zone NOT NULL,
	"valid_until" date NOT NULL,
	"cancelled_at" timestamp with time zone,
	CONSTRAINT "invoices_token_unique" UNIQUE("token"),
	CONSTRAINT "invoices_state_known" CHECK ("invoices"."state" in ('issued', 'cancelled', 'uncollectible'))
);
--> statement-breakpoint
CREATE TABLE "letters" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid,
	"template" text NOT NULL,
	"recipient" text NOT NULL,
	"params" jsonb NOT NULL,
	"dedupe_key" text NOT NULL,
	"state" text NOT NULL,
	"send_count" integer DEFAULT 0 NOT NULL,
	"next_try_at" timestamp with time zone,
	"fail_text" text,
	"created_at" timestamp with time zone NOT NULL,
	"sent_at" timestamp with time zone,
	CONSTRAINT "letters_state_known" CHECK ("letters"."state" in ('queued', 'sent', 'failed', 'cancelled'))
);
--> statement-breakpoint
CREATE TABLE "alerts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"object_key" text NOT NULL,
	"order_id" uuid,
	"severity" text NOT NULL,
	"state" text NOT NULL,
	"title" text NOT NULL,
	"advice" text NOT NULL,
	"amount_kopecks" bigint,
	"detail" jsonb NOT NULL,
	"count" integer DEFAULT 1 NOT NULL,
	"first_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"acknowledged_by" uuid,
	"acknowledged_at" timestamp with time zone,
	"resolved_at" timestamp with time zone,
	CONSTRAINT "alerts_state_known" CHECK ("alerts"."state" in ('firing', 'acknowledged', 'resolved', 'muted')),
	CONSTRAINT "alerts_severity_known" CHECK ("alerts"."severity" in ('P1', 'P2', 'P3', 'P4'))
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"actor" text NOT NULL,
	"role" text,
	"ip" "inet",
	"action" text NOT NULL,
	"object_type" text NOT NULL,
	"object_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"reason" text
);
--> statement-breakpoint
CREATE TABLE "heartbeats" (
	"name" text PRIMARY KEY NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"version" text NOT NULL,
	"pid" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"last_seen_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"revoked_at" timestamp with time zone,
	"ip" text,
	"user_agent" text
);
--> statement-breakpoint
CREATE TABLE "staff_users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"store_id" uuid,
	"password_hash" text NOT NULL,
	"totp_sealed" text,
	"totp_key_id" text,
	"totp_last_step" integer,
	"is_active" boolean NOT NULL,
	"theme" text DEFAULT 'system' NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "staff_users_role_known" CHECK ("staff_users"."role" in ('director', 'accountant', 'manager', 'operator', 'integrator'))
);
--> statement-breakpoint
CREATE TABLE "throttles" (
	"key" text PRIMARY KEY NOT NULL,
	"points" integer NOT NULL,
	"expire" timestamp with time zone
);
--> statement-breakpoint
ALTER TABLE "bank_accounts" ADD CONSTRAINT "bank_accounts_seller_org_id_seller_orgs_id_fk" FOREIGN KEY ("seller_org_id") REFERENCES "public"."seller_orgs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stores" ADD CONSTRAINT "stores_seller_org_id_seller_orgs_id_fk" FOREIGN KEY ("seller_org_id") REFERENCES "public"."seller_orgs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_seller_org_id_seller_orgs_id_fk" FOREIGN KEY ("seller_org_id") REFERENCES "public"."seller_orgs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connections" ADD CONSTRAINT "connections_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_events" ADD CONSTRAINT "order_events_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_lines" ADD CONSTRAINT "order_lines_revision_id_order_revisions_id_fk" FOREIGN KEY ("revision_id") REFERENCES "public"."order_revisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "order_revisions" ADD CONSTRAINT "order_revisions_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_seller_org_id_seller_orgs_id_fk" FOREIGN KEY ("seller_org_id") REFERENCES "public"."seller_orgs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_onec_connection_id_connections_id_fk" FOREIGN KEY ("onec_connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders" ADD CONSTRAINT "orders_counterparty_id_counterparties_id_fk" FOREIGN KEY ("counterparty_id") REFERENCES "public"."counterparties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_attempts" ADD CONSTRAINT "payment_attempts_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_attempts" ADD CONSTRAINT "payment_attempts_link_id_payment_links_id_fk" FOREIGN KEY ("link_id") REFERENCES "public"."payment_links"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_attempts" ADD CONSTRAINT "payment_attempts_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payment_links" ADD CONSTRAINT "payment_links_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "allocations" ADD CONSTRAINT "allocations_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "allocations" ADD CONSTRAINT "allocations_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "money_facts" ADD CONSTRAINT "money_facts_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exchange_log" ADD CONSTRAINT "exchange_log_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "exchange_log" ADD CONSTRAINT "exchange_log_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_messages" ADD CONSTRAINT "inbox_messages_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inbox_messages" ADD CONSTRAINT "inbox_messages_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipt_lines" ADD CONSTRAINT "receipt_lines_receipt_id_receipts_id_fk" FOREIGN KEY ("receipt_id") REFERENCES "public"."receipts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "receipts" ADD CONSTRAINT "receipts_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "export_messages" ADD CONSTRAINT "export_messages_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "export_messages" ADD CONSTRAINT "export_messages_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "export_messages" ADD CONSTRAINT "export_messages_fact_id_money_facts_id_fk" FOREIGN KEY ("fact_id") REFERENCES "public"."money_facts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_calls" ADD CONSTRAINT "onec_calls_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_file_pieces" ADD CONSTRAINT "onec_file_pieces_file_id_onec_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."onec_files"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_files" ADD CONSTRAINT "onec_files_session_id_onec_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."onec_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_files" ADD CONSTRAINT "onec_files_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "onec_sessions" ADD CONSTRAINT "onec_sessions_connection_id_connections_id_fk" FOREIGN KEY ("connection_id") REFERENCES "public"."connections"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "letters" ADD CONSTRAINT "letters_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "public"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_staff_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."staff_users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "staff_users" ADD CONSTRAINT "staff_users_store_id_stores_id_fk" FOREIGN KEY ("store_id") REFERENCES "public"."stores"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "counterparties_onec" ON "counterparties" USING btree ("onec_connection_id","onec_guid");--> statement-breakpoint
CREATE INDEX "counterparties_inn" ON "counterparties" USING btree ("inn");--> statement-breakpoint
CREATE UNIQUE INDEX "seller_orgs_inn" ON "seller_orgs" USING btree ("inn","kpp");--> statement-breakpoint
CREATE INDEX "stores_seller_org" ON "stores" USING btree ("seller_org_id");--> statement-breakpoint
CREATE INDEX "connections_kind" ON "connections" USING btree ("kind","seller_org_id");--> statement-breakpoint
CREATE INDEX "order_events_order" ON "order_events" USING btree ("order_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "order_lines_no" ON "order_lines" USING btree ("revision_id","line_no");--> statement-breakpoint
CREATE UNIQUE INDEX "order_revisions_no" ON "order_revisions" USING btree ("order_id","no");--> statement-breakpoint
CREATE UNIQUE INDEX "orders_onec_guid" ON "orders" USING btree ("onec_connection_id","onec_guid");--> statement-breakpoint
CREATE UNIQUE INDEX "orders_number" ON "orders" USING btree ("onec_connection_id","number");--> statement-breakpoint
CREATE INDEX "orders_created" ON "orders" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "orders_date" ON "orders" USING btree ("is_test","order_date","id");--> statement-breakpoint
CREATE INDEX "orders_total" ON "orders" USING btree ("is_test","total_kopecks","id");--> statement-breakpoint
CREATE INDEX "orders_status" ON "orders" USING btree ("payment_status","order_date");--> statement-breakpoint
CREATE INDEX "orders_counterparty" ON "orders" USING btree ("counterparty_id");--> statement-breakpoint
CREATE INDEX "orders_to_export" ON "orders" USING btree ("onec_connection_id","updated_at") WHERE export_version > exported_version;--> statement-breakpoint
CREATE INDEX "orders_closing_waits" ON "orders" USING btree ("closing_waits_since") WHERE closing_waits_since is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "payment_attempts_reference" ON "payment_attempts" USING btree ("connection_id","reference");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_attempts_form_key" ON "payment_attempts" USING btree ("order_id","form_key");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_attempts_provider_payment" ON "payment_attempts" USING btree ("connection_id","provider_payment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_attempts_one_live" ON "payment_attempts" USING btree ("order_id") WHERE state in ('created', 'unknown', 'pending', 'authorized') and not is_superseded;--> statement-breakpoint
CREATE INDEX "payment_attempts_order" ON "payment_attempts" USING btree ("order_id","created_at");--> statement-breakpoint
CREATE INDEX "payment_attempts_created" ON "payment_attempts" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_links_one_active" ON "payment_links" USING btree ("order_id") WHERE state = 'active';--> statement-breakpoint
CREATE INDEX "payment_links_order" ON "payment_links" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "payment_links_created" ON "payment_links" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "allocations_fact" ON "allocations" USING btree ("fact_id");--> statement-breakpoint
CREATE INDEX "allocations_order" ON "allocations" USING btree ("order_id");--> statement-breakpoint
CREATE UNIQUE INDEX "money_facts_capture" ON "money_facts" USING btree ("connection_id","provider_payment_id","capture_no") WHERE kind = 'payment_captured' and provider_payment_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "money_facts_operation" ON "money_facts" USING btree ("connection_id","kind","provider_operation_id") WHERE provider_operation_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "money_facts_document" ON "money_facts" USING btree ("connection_id","kind","document_key") WHERE document_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "money_facts_hold" ON "money_facts" USING btree ("connection_id","kind","provider_payment_id") WHERE kind in ('authorized', 'authorization_voided');--> statement-breakpoint
CREATE INDEX "money_facts_business_date" ON "money_facts" USING btree ("business_date");--> statement-breakpoint
CREATE INDEX "money_facts_attempt" ON "money_facts" USING btree ("attempt_id");--> statement-breakpoint
CREATE INDEX "exchange_log_order" ON "exchange_log" USING btree ("order_id","at");--> statement-breakpoint
CREATE INDEX "exchange_log_subject" ON "exchange_log" USING btree ("subject_id");--> statement-breakpoint
CREATE UNIQUE INDEX "inbox_messages_event" ON "inbox_messages" USING btree ("connection_id","event_key");--> statement-breakpoint
CREATE INDEX "inbox_messages_received" ON "inbox_messages" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "inbox_messages_order" ON "inbox_messages" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "inbox_messages_undecided" ON "inbox_messages" USING btree ("handled_at") WHERE result in ('received', 'orphan');--> statement-breakpoint
CREATE UNIQUE INDEX "receipt_lines_no" ON "receipt_lines" USING btree ("receipt_id","line_no");--> statement-breakpoint
CREATE INDEX "receipt_lines_order_line" ON "receipt_lines" USING btree ("order_line_id");--> statement-breakpoint
CREATE UNIQUE INDEX "receipts_one_per_fact" ON "receipts" USING btree ("fact_id") WHERE state <> 'cancelled';--> statement-breakpoint
CREATE UNIQUE INDEX "receipts_external_id" ON "receipts" USING btree ("connection_id","external_id");--> statement-breakpoint
CREATE UNIQUE INDEX "receipts_fiscal_document" ON "receipts" USING btree ("fn_number","fd_number") WHERE fn_number is not null;--> statement-breakpoint
CREATE INDEX "receipts_order" ON "receipts" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "receipts_state" ON "receipts" USING btree ("state","planned_at");--> statement-breakpoint
CREATE UNIQUE INDEX "export_messages_fact" ON "export_messages" USING btree ("connection_id","fact_id");--> statement-breakpoint
CREATE UNIQUE INDEX "export_messages_seq" ON "export_messages" USING btree ("order_id","seq");--> statement-breakpoint
CREATE INDEX "export_messages_waiting" ON "export_messages" USING btree ("connection_id","created_at") WHERE state <> 'confirmed';--> statement-breakpoint
CREATE INDEX "onec_calls_at" ON "onec_calls" USING btree ("connection_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "onec_files_name" ON "onec_files" USING btree ("session_id","name");--> statement-breakpoint
CREATE INDEX "onec_files_unfinished" ON "onec_files" USING btree ("touched_at") WHERE state in ('receiving', 'processing');--> statement-breakpoint
CREATE INDEX "onec_sessions_seen" ON "onec_sessions" USING btree ("last_seen_at");--> statement-breakpoint
CREATE INDEX "onec_sessions_sessid" ON "onec_sessions" USING btree ("sessid_hash");--> statement-breakpoint
CREATE INDEX "onec_sessions_connection" ON "onec_sessions" USING btree ("connection_id","last_seen_at");--> statement-breakpoint
CREATE UNIQUE INDEX "invoices_version" ON "invoices" USING btree ("order_id","version");--> statement-breakpoint
CREATE INDEX "invoices_number" ON "invoices" USING btree ("number");--> statement-breakpoint
CREATE UNIQUE INDEX "letters_dedupe" ON "letters" USING btree ("dedupe_key");--> statement-breakpoint
CREATE INDEX "letters_order" ON "letters" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "letters_waiting" ON "letters" USING btree ("created_at") WHERE state = 'queued';--> statement-breakpoint
CREATE UNIQUE INDEX "alerts_one_open" ON "alerts" USING btree ("code","object_key") WHERE state <> 'resolved';--> statement-breakpoint
CREATE INDEX "alerts_state" ON "alerts" USING btree ("state","last_at");--> statement-breakpoint
CREATE INDEX "alerts_order" ON "alerts" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "audit_log_object" ON "audit_log" USING btree ("object_type","object_id");--> statement-breakpoint
CREATE INDEX "audit_log_at" ON "audit_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "sessions_user" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "staff_users_email" ON "staff_users" USING btree ("email");
DROP INDEX "bank_statement_lines_key";--> statement-breakpoint
DROP INDEX "bank_statements_file";--> statement-breakpoint
CREATE UNIQUE INDEX "bank_statement_lines_key" ON "bank_statement_lines" USING btree ("account","line_key","is_test");--> statement-breakpoint
CREATE UNIQUE INDEX "bank_statements_file" ON "bank_statements" USING btree ("account","file_sha256","is_test");
DROP INDEX "feed_events_key";--> statement-breakpoint
ALTER TABLE "feed_events" ADD COLUMN "repeat_no" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE UNIQUE INDEX "feed_events_key" ON "feed_events" USING btree ("connection_id","key","type","repeat_no");
--> statement-breakpoint
create or replace function keep_feed_event() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.seq is null or not exists (select 1 from feed_cursors c where c.connection_id = old.connection_id and c.acked_seq >= old.seq) then
      raise exception 'a feed event stays until it is acknowledged' using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  if (new.id, new.insert_no, new.connection_id, new.type, new.key, new.repeat_no, new.order_id, new.subject_id, new.export_id, new.created_at)
     is distinct from (old.id, old.insert_no, old.connection_id, old.type, old.key, old.repeat_no, old.order_id, old.subject_id, old.export_id, old.created_at)
     or (old.seq is not null and (new.seq, new.paid_kopecks, new.refunded_kopecks, new.due_kopecks) is distinct from (old.seq, old.paid_kopecks, old.refunded_kopecks, old.due_kopecks)) then
    raise exception 'a feed event keeps what it says: UPDATE refused' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

ALTER TABLE "feed_events" ADD COLUMN "share_kopecks" bigint;--> statement-breakpoint
ALTER TABLE "feed_events" ADD CONSTRAINT "feed_events_share_positive" CHECK (share_kopecks > 0);--> statement-breakpoint
create or replace function keep_feed_event() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    if old.seq is null or not exists (select 1 from feed_cursors c where c.connection_id = old.connection_id and c.acked_seq >= old.seq) then
      raise exception 'a feed event stays until it is acknowledged' using errcode = 'restrict_violation';
    end if;
    return old;
  end if;
  if (new.id, new.insert_no, new.connection_id, new.type, new.key, new.repeat_no, new.order_id, new.subject_id, new.export_id, new.share_kopecks, new.created_at)
     is distinct from (old.id, old.insert_no, old.connection_id, old.type, old.key, old.repeat_no, old.order_id, old.subject_id, old.export_id, old.share_kopecks, old.created_at)
     or (old.seq is not null and (new.seq, new.paid_kopecks, new.refunded_kopecks, new.due_kopecks) is distinct from (old.seq, old.paid_kopecks, old.refunded_kopecks, old.due_kopecks)) then
    raise exception 'a feed event keeps what it says: UPDATE refused' using errcode = 'restrict_violation';
  end if;
  return new;
end $$;

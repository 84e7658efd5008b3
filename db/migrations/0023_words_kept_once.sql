-- Documents of goods stay as they are; the words of those that were recorded before words were kept (0018) are filled in once.
create function keep_goods_document() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.said is null and new.said is not null and to_jsonb(new) - 'said' = to_jsonb(old) - 'said' then
    return new;
  end if;
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end $$;
--> statement-breakpoint
drop trigger shipments_append_only on shipments;
--> statement-breakpoint
create trigger shipments_append_only before update or delete on shipments for each row execute function keep_goods_document();
--> statement-breakpoint
drop trigger goods_returns_append_only on goods_returns;
--> statement-breakpoint
create trigger goods_returns_append_only before update or delete on goods_returns for each row execute function keep_goods_document();

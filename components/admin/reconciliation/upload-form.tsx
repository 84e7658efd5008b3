"use client";
import { useRouter } from "next/navigation";
import { useState } from "react";
import type { FormEvent, ReactNode } from "react";
import { Answer } from "@/components/admin/action-form.tsx";
import { FormError } from "@/components/admin/form-error.ts";
import { FormField } from "@/components/admin/form-field.tsx";
import { Button } from "@/components/ui/button.tsx";

type Reply = { ok: boolean; href: string; message: string | null; field: string | null };
type Props = { kind: "registry" | "statement"; id: string; accept: string; hint: string; label: string; maxBytes: number; children?: ReactNode };

/** A file goes to its door and the answer names the page of its result. Without scripts the door redirects there itself. */
export function UploadForm({ kind, id, accept, hint, label, maxBytes, children }: Props) {
  const router = useRouter();
  const [state, setState] = useState<{ message: string; field: string | null } | null>(null);
  const [isBusy, setIsBusy] = useState(false);

  async function send(form: FormData): Promise<void> {
    const file = form.get("file");
    if (file instanceof File && file.size > maxBytes) return setState({ message: `Файл больше ${maxBytes / 1024 / 1024}\u00A0МБ. Разделите его на части`, field: "file" });
    setIsBusy(true);
    setState(null);
    try {
      const answer = await fetch("/api/staff/reconciliation/files", { method: "POST", headers: { accept: "application/json" }, body: form });
      const reply = (await answer.json()) as Reply;
      if (reply.ok) router.push(reply.href);
      else setState({ message: reply.message ?? "Не получилось", field: reply.field });
    } catch {
      setState({ message: "Нет связи: файл не дошёл, ничего не сохранено. Попробуйте ещё раз", field: null });
    } finally {
      setIsBusy(false);
    }
  }

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!isBusy) void send(new FormData(event.currentTarget));
  }
  const error = state?.field ? { field: state.field, message: state.message } : null;
  const isShown = error?.field === "file" || error?.field === "connectionId";
  return (
    <form action="/api/staff/reconciliation/files" method="post" encType="multipart/form-data" onSubmit={onSubmit} className="flex flex-col gap-3">
      <input type="hidden" name="kind" value={kind} />
      <FormError value={error}>
        {children}
        <FormField id={id} name="file" type="file" label="Файл" accept={accept} required hint={hint} className="[&_input]:py-1.5" />
      </FormError>
      <div>
        <Button type="submit" look="primary" disabled={isBusy}>
          {isBusy ? "Загружаем…" : label}
        </Button>
      </div>
      <p role="alert" className="sr-only">
        {isShown ? error?.message : ""}
      </p>
      <Answer state={state && !isShown ? { ok: false, message: state.message } : null} />
    </form>
  );
}

"use client";
import { startTransition, useActionState, useEffect, useRef, useState } from "react";
import type { FormEvent, ReactNode, RefObject } from "react";
import type { Review, ReviewResult } from "@/app/(admin)/session/run-reviewed.ts";
import { Button } from "@/components/ui/button.tsx";
import type { ButtonLook } from "@/components/ui/button.tsx";
import { Answer } from "./action-form.tsx";
import { FormError } from "./form-error.ts";

export type ReviewAction = (before: ReviewResult, form: FormData) => Promise<ReviewResult>;
type Props = {
  action: ReviewAction;
  children: ReactNode;
  /** Names of its fields that show a refusal themselves (`FormField`). */
  fields: readonly string[];
  /** First button; it only asks what would happen. */
  label?: string;
  look?: ButtonLook;
};

/** A money action: fields, then a review that repeats sum, object and consequence, then the deed (ux.md 10). Values stay after a refusal. */
export function ReviewForm({ action, children, fields, label = "Продолжить", look = "plain" }: Props) {
  const [state, submit, pending] = useActionState(action, null);
  /** The review that was turned back from; a new answer is a new object and shows again. */
  const [turnedBack, setTurnedBack] = useState<ReviewResult>(null);
  const form = useRef<HTMLFormElement>(null);
  const back = useRef<HTMLButtonElement>(null);
  const review = state?.review && state !== turnedBack ? state.review : null;
  const error = state && !state.ok && state.field && fields.includes(state.field) ? { field: state.field, message: state.message } : null;

  useEffect(() => {
    if (review) back.current?.focus();
    else if (error) (form.current?.elements.namedItem(error.field) as HTMLElement | null)?.focus?.();
    // Each answer moves the focus once.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [state]);

  /** Not by the form's own action: that one would empty the fields after a refusal. */
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    startTransition(() => submit(given));
  }
  if (state?.ok && !state.review) return <Answer state={state} />;
  return (
    <form ref={form} action={submit} onSubmit={send} className="flex flex-col gap-3">
      <div className={review ? "hidden" : "flex flex-col gap-3"}>
        <FormError value={error}>{children}</FormError>
        <div>
          <Button type="submit" look={look} disabled={pending}>
            {pending ? "Выполняется…" : label}
          </Button>
        </div>
      </div>
      {review ? <ReviewStep review={review} pending={pending} back={back} onBack={() => setTurnedBack(state)} /> : null}
      <Answer state={state && !state.ok && !error ? state : null} />
    </form>
  );
}

function ReviewStep({ review, pending, back, onBack }: { review: Review; pending: boolean; back: RefObject<HTMLButtonElement | null>; onBack: () => void }) {
  return (
    <div role="group" aria-label="Проверьте перед отправкой" className="num flex flex-col gap-3 rounded-control bg-warning-tint p-3 text-warning sm:p-4">
      <input type="hidden" name="reviewed" value={review.text} />
      <p className="font-medium wrap-anywhere">{review.text}</p>
      {review.notes?.map((note) => (
        <p key={note} className="text-dense wrap-anywhere">
          {note}
        </p>
      ))}
      {review.tables?.map((table) => (
        <div key={table.title} className="rounded-control bg-card p-3 text-dense text-foreground">
          <p className="font-medium">{table.title}</p>
          <ul className="mt-1">
            {table.rows.map((row, i) => (
              <li key={i} className="flex justify-between gap-4 py-0.5">
                <span className="min-w-0 wrap-anywhere">
                  {row.name} <span className="text-muted-foreground">{row.note}</span>
                </span>
                <span className="whitespace-nowrap">{row.sum}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <div className="flex flex-wrap gap-2">
        <Button ref={back} onClick={onBack} disabled={pending}>
          Изменить
        </Button>
        <Button type="submit" look="primary" disabled={pending}>
          {pending ? "Выполняется…" : review.label}
        </Button>
      </div>
    </div>
  );
}

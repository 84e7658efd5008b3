"use client";
import { startTransition, useActionState } from "react";
import type { FormEvent, ReactNode } from "react";
import { Button } from "@/components/ui/button.tsx";
import type { ButtonLook } from "@/components/ui/button.tsx";
import { FormError } from "./form-error.ts";

export type ActionState = { ok: boolean; message: string; field?: string | null } | null;
export type FormAction = (before: ActionState, form: FormData) => Promise<ActionState>;

type Props = {
  action: FormAction;
  label: string;
  look?: ButtonLook;
  children?: ReactNode;
  /** Classes of the form; the answer stands below the button. */
  className?: string;
  /** Something is under way already: the button says so and does nothing. */
  isBusy?: boolean;
  /** Names of its fields that show a refusal themselves (`FormField`). */
  fields?: readonly string[];
  /** Nothing to press after it was done. */
  hideWhenDone?: boolean;
};

/** A form of one server action: the button says «Выполняется…» until the server has answered, the answer is read aloud. */
export function ActionForm({ action, label, look = "plain", children, className = "flex flex-col gap-3", isBusy = false, fields = [], hideWhenDone = false }: Props) {
  const [state, submit, pending] = useActionState(action, null);
  if (hideWhenDone && state?.ok) return <Answer state={state} />;
  /** The action alone would empty the fields after a refusal; it stays for browsers without scripts. */
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    startTransition(() => submit(given));
  }
  const error = state && !state.ok && state.field && fields.includes(state.field) ? { field: state.field, message: state.message } : null;
  return (
    <form action={submit} onSubmit={send} className={className}>
      <FormError value={error}>{children}</FormError>
      <div>
        <Button type="submit" look={look} disabled={pending || isBusy}>
          {pending || isBusy ? "Выполняется…" : label}
        </Button>
      </div>
      <Answer state={error ? null : state} />
    </form>
  );
}

export function Answer({ state }: { state: ActionState }) {
  if (state === null) return null;
  return (
    <p role={state.ok ? "status" : "alert"} className={`text-dense ${state.ok ? "text-success" : "text-danger"}`}>
      {state.message}
    </p>
  );
}

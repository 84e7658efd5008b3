"use client";
import { use } from "react";
import type { InputHTMLAttributes, ReactNode, SelectHTMLAttributes, TextareaHTMLAttributes } from "react";
import { Field } from "@/components/ui/field.tsx";
import { FormError } from "./form-error.ts";

/** A text field that shows the refusal of its form under itself. */
export function FormField(props: Omit<InputHTMLAttributes<HTMLInputElement>, "id"> & { id: string; name: string; label: ReactNode; hint?: ReactNode }) {
  const error = use(FormError);
  return <Field {...props} error={error?.field === props.name ? error.message : null} />;
}

type Common = { id: string; name: string; label: ReactNode; hint?: ReactNode };

/** Label, hint and error around a control that is no text field. */
function Labelled({ id, name, label, hint, children }: Common & { children: (described: string | undefined, isWrong: boolean) => ReactNode }) {
  const error = use(FormError);
  const isWrong = error?.field === name;
  const described = [isWrong ? `${id}-error` : null, hint ? `${id}-hint` : null].filter(Boolean).join(" ") || undefined;
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {children(described, isWrong)}
      {isWrong ? (
        <p id={`${id}-error`} className="text-dense text-danger">
          {error.message}
        </p>
      ) : null}
      {hint ? (
        <p id={`${id}-hint`} className="text-dense text-muted-foreground">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

const box = (isWrong: boolean) => `w-full rounded-control border bg-card ${isWrong ? "border-danger-solid" : "border-input"}`;

export function FormArea({ label, hint, ...area }: Common & TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return (
    <Labelled id={area.id} name={area.name} label={label} hint={hint}>
      {(described, isWrong) => <textarea rows={2} aria-invalid={isWrong || undefined} aria-describedby={described} className={`px-3 py-2 text-body ${box(isWrong)}`} {...area} />}
    </Labelled>
  );
}

export function FormSelect({ label, hint, options, ...select }: Common & SelectHTMLAttributes<HTMLSelectElement> & { options: readonly { value: string; label: string; disabled?: boolean }[] }) {
  return (
    <Labelled id={select.id} name={select.name} label={label} hint={hint}>
      {(described, isWrong) => (
        <select aria-invalid={isWrong || undefined} aria-describedby={described} className={`h-9 min-w-0 px-2 text-body pointer-coarse:h-11 ${box(isWrong)}`} {...select}>
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

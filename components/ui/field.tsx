import type { InputHTMLAttributes, ReactNode } from "react";

type Props = Omit<InputHTMLAttributes<HTMLInputElement>, "id"> & {
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  /** Shown under the field and read with it; null or absent = the value is fine. */
  error?: string | null | undefined;
  /** `customer` = 48 px high, 16 px text: phones do not zoom in. */
  fieldSize?: "control" | "customer";
};

/** One labelled text field with its hint and error. */
export function Field({ id, label, hint, error, fieldSize = "control", className = "", ...input }: Props) {
  const describedBy = [error ? `${id}-error` : null, hint ? `${id}-hint` : null].filter(Boolean).join(" ") || undefined;
  const size = fieldSize === "customer" ? "h-12 px-3.5 text-customer" : "h-9 px-3 text-body pointer-coarse:h-11";
  return (
    <div className={`flex flex-col gap-1.5 ${className}`}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={describedBy}
        className={`w-full rounded-control border bg-card placeholder:text-muted-foreground ${size} ${error ? "border-danger-solid" : "border-input"}`}
        {...input}
      />
      {error ? (
        <p id={`${id}-error`} className="text-dense text-danger">
          {error}
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

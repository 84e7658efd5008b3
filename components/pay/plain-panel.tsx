import type { ReactNode } from "react";
import { formatPhone } from "@/lib/kit/format.ts";

/** A state with nothing to pay here: what happened, what is safe, what to do. */
export function PlainPanel({ title, children, phone, action }: { title: string; children: ReactNode; phone: string; action?: ReactNode }) {
  return (
    <div className="flex flex-col gap-4">
      <h2 className="text-h2">{title}</h2>
      <div className="flex flex-col gap-2">{children}</div>
      {action}
      <p className="text-body text-muted-foreground">
        Телефон магазина:{" "}
        <a className="inline-flex min-h-11 items-center whitespace-nowrap text-primary underline underline-offset-2" href={`tel:${phone}`}>
          {formatPhone(phone)}
        </a>
      </p>
    </div>
  );
}

import type { HTMLAttributes } from "react";

/** A surface with a hairline. Padding 16 on phones, 20 above. */
export function Card({ className = "", ...rest }: HTMLAttributes<HTMLDivElement>) {
  return <div className={`rounded-card border bg-card p-4 shadow-card sm:p-5 ${className}`} {...rest} />;
}

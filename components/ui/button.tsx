import type { AnchorHTMLAttributes, ButtonHTMLAttributes, ReactNode, Ref } from "react";

export type ButtonLook = "primary" | "plain" | "quiet" | "danger";
/** `control` 36 px for the dashboard, `customer` 48 px for people on phones. */
export type ButtonSize = "control" | "customer";

const looks: Record<ButtonLook, string> = {
  primary: "border-primary bg-primary text-primary-foreground hover:opacity-90",
  plain: "border-border bg-card text-foreground hover:bg-muted",
  quiet: "border-transparent bg-transparent text-primary hover:bg-muted",
  danger: "border-danger-solid bg-card text-danger hover:bg-danger-tint",
};
const sizes: Record<ButtonSize, string> = {
  control: "h-9 px-3.5 text-body rounded-control pointer-coarse:min-h-11",
  customer: "min-h-12 px-4 py-2 text-customer rounded-card",
};

/** Classes of a button, for elements that are none: links, summaries. */
export const buttonClass = (look: ButtonLook = "plain", size: ButtonSize = "control", extra = ""): string =>
  `inline-flex items-center justify-center gap-2 border text-center font-medium transition-opacity active:opacity-80 disabled:opacity-60 ${sizes[size]} ${looks[look]} ${extra}`;

type Common = { look?: ButtonLook; size?: ButtonSize; children: ReactNode };

export function Button({ look, size, className = "", type = "button", ...rest }: Common & ButtonHTMLAttributes<HTMLButtonElement> & { ref?: Ref<HTMLButtonElement> }) {
  return <button type={type} className={buttonClass(look, size, className)} {...rest} />;
}

/** A link that looks like a button. */
export function ButtonLink({ look, size, className = "", ...rest }: Common & AnchorHTMLAttributes<HTMLAnchorElement>) {
  return <a className={buttonClass(look, size, className)} {...rest} />;
}

import type { ReactNode, TdHTMLAttributes, ThHTMLAttributes } from "react";

/** A real table that may scroll inside its card; the page itself never scrolls sideways. */
export function Table({ label, children, className = "" }: { label: string; children: ReactNode; className?: string }) {
  return (
    <div className={`overflow-x-auto ${className}`} tabIndex={0} role="region" aria-label={label}>
      <table className="num w-full border-collapse text-dense [&_tbody_tr:last-child>*]:border-b-0 [&_tbody_tr]:hover:bg-muted/60">{children}</table>
    </div>
  );
}

export function Th({ className = "", right = false, ...rest }: ThHTMLAttributes<HTMLTableCellElement> & { right?: boolean }) {
  return <th scope="col" className={`h-9 border-b px-3 text-caption font-medium whitespace-nowrap text-muted-foreground first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5 ${right ? "text-right" : "text-left"} ${className}`} {...rest} />;
}

export function Td({ className = "", right = false, ...rest }: TdHTMLAttributes<HTMLTableCellElement> & { right?: boolean }) {
  return <td className={`h-10 border-b px-3 first:pl-4 last:pr-4 sm:first:pl-5 sm:last:pr-5 ${right ? "text-right whitespace-nowrap" : ""} ${className}`} {...rest} />;
}

import Link from "next/link";
import type { ReactNode } from "react";

type Props = { label: string; value: ReactNode; /** The exact sum where the tile rounds. */ exact?: string; note?: ReactNode; href?: string; children?: ReactNode; wide?: boolean };

/** Tiles of figures in one card, parted by hairlines: the grid's own gap shows the border behind. */
export function Tiles({ children }: { children: ReactNode }) {
  return <section className="grid grid-cols-2 gap-px overflow-hidden rounded-card border bg-border shadow-card md:grid-cols-5 xl:grid-cols-7">{children}</section>;
}

export function Tile({ label, value, exact, note, href, children, wide = false }: Props) {
  const body = (
    <>
      <span className="block text-dense text-muted-foreground">{label}</span>
      <span className="num mt-0.5 block text-[24px] leading-8 font-semibold tracking-heading wrap-anywhere" title={exact}>
        <span aria-hidden={exact ? true : undefined}>{value}</span>
        {exact ? <span className="sr-only">{exact}</span> : null}
      </span>
      {note ? <span className="block text-caption text-muted-foreground">{note}</span> : null}
      {children}
    </>
  );
  const look = `min-w-0 bg-card px-4 py-3.5 max-md:last:col-span-2 ${wide ? "col-span-2 md:col-span-5 xl:col-span-2" : ""}`;
  return href ? (
    <Link href={href} prefetch={false} className={`${look} -outline-offset-2 hover:bg-muted/60`}>
      {body}
    </Link>
  ) : (
    <div className={look}>{body}</div>
  );
}

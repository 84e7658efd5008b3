import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button.tsx";

const box = "h-8 rounded-control border border-input bg-card px-2 text-dense text-foreground pointer-coarse:h-11";
const label = "flex min-w-0 flex-col gap-1 text-caption text-muted-foreground";

type FormProps = {
  action: string;
  /** What the address keeps besides the fields; null is left out. */
  keeps: Readonly<Record<string, string | null>>;
  /** Where «Сбросить» goes; null: nothing is narrowed. */
  resetHref: string | null;
  submit?: string;
  className?: string;
  children: ReactNode;
};

/** The filter of a list: a plain form, everything stands in the address. */
export function FilterForm({ action, keeps, resetHref, submit = "Показать", className = "", children }: FormProps) {
  return (
    <form action={action} className={`grid grid-cols-2 items-end gap-2 sm:flex sm:flex-wrap ${className}`}>
      {Object.entries(keeps).map(([name, value]) => (value === null ? null : <input key={name} type="hidden" name={name} value={value} />))}
      {children}
      <Button type="submit" className="!h-8 !text-dense pointer-coarse:!h-11">
        {submit}
      </Button>
      {resetHref === null ? null : (
        <Link href={resetHref} prefetch={false} className="flex h-8 items-center rounded-control px-2 text-dense font-medium text-primary hover:bg-muted pointer-coarse:h-11">
          Сбросить
        </Link>
      )}
    </form>
  );
}

/** What is looked for: a number, a word, a sum. */
export const FilterText = ({ title, value }: { title: string; value: string | null }) => (
  <label className={`${label} col-span-2 grow basis-48 sm:max-w-72`}>
    {title}
    <input type="search" name="q" defaultValue={value ?? ""} maxLength={100} className={box} />
  </label>
);

type SelectProps = { name: string; title: string; value: string | null; any?: string; options: readonly (readonly [value: string, label: string])[] };

export const FilterSelect = ({ name, title, value, any = "Все", options }: SelectProps) => (
  <label className={label}>
    {title}
    <select name={name} defaultValue={value ?? ""} className={`w-full min-w-0 sm:max-w-44 ${box}`}>
      <option value="">{any}</option>
      {options.map(([code, text]) => (
        <option key={code} value={code}>
          {text}
        </option>
      ))}
    </select>
  </label>
);

/** Days, both of them included. */
export const FilterPeriod = ({ from, to }: { from: string | null; to: string | null }) => (
  <>
    <FilterDay name="from" title="С" value={from} />
    <FilterDay name="to" title="По" value={to} />
  </>
);

const FilterDay = ({ name, title, value }: { name: string; title: string; value: string | null }) => (
  <label className={label}>
    {title}
    <input type="date" name={name} defaultValue={value ?? ""} className={`w-full min-w-0 ${box}`} />
  </label>
);

export const FilterSum = ({ name, title, value }: { name: string; title: string; value: string | null }) => (
  <label className={`${label} sm:w-24`}>
    {title}
    <input name={name} inputMode="decimal" defaultValue={value ?? ""} maxLength={30} className={`num w-full ${box}`} />
  </label>
);

"use client";
import { Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";

export type Theme = "system" | "light" | "dark";
const choices = [
  { theme: "system", label: "Как в системе", Icon: Monitor },
  { theme: "light", label: "Светлая", Icon: Sun },
  { theme: "dark", label: "Тёмная", Icon: Moon },
] as const;

/** Changes the page at once and tells the server, which draws the next page in the same theme. */
export function ThemeSwitch({ theme, save }: { theme: Theme; save: (theme: Theme) => Promise<void> }) {
  const [chosen, setChosen] = useState(theme);
  function choose(next: Theme) {
    setChosen(next);
    document.documentElement.classList.remove("light", "dark");
    if (next !== "system") document.documentElement.classList.add(next);
    void save(next).catch(() => undefined);
  }
  return (
    <div role="radiogroup" aria-label="Тема" className="inline-flex rounded-control border bg-card p-0.5">
      {choices.map(({ theme: each, label, Icon }) => (
        <button
          key={each}
          type="button"
          role="radio"
          aria-checked={chosen === each}
          aria-label={label}
          title={label}
          onClick={() => choose(each)}
          className="grid size-7 place-items-center pointer-coarse:size-11 rounded-inner text-muted-foreground hover:text-foreground aria-checked:bg-muted aria-checked:text-foreground"
        >
          <Icon size={14} strokeWidth={1.75} aria-hidden />
        </button>
      ))}
    </div>
  );
}

"use client";
import { startTransition, useActionState } from "react";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button.tsx";
import { Answer } from "@/components/admin/action-form.tsx";
import type { ActionState } from "@/components/admin/action-form.tsx";
import { StateBadge } from "@/components/admin/state-badges.tsx";
import { resultLabels } from "@/lib/onec-messages/states.ts";
import type { MessageResult } from "@/lib/onec-messages/states.ts";
import type { Rehearsed } from "@/lib/onec/inbox/rehearse.ts";
import { DiffTable } from "./diff-table.tsx";
import { resultTones } from "./message-words.tsx";

type Result = (NonNullable<ActionState> & { found?: Rehearsed[] }) | null;
type Props = { action: (before: Result, form: FormData) => Promise<Result>; bases: readonly { connectionId: string; name: string }[] };

const box = "w-full rounded-control border border-input bg-card px-3 py-2 text-body";

/** Nothing has happened: the journal's «Применено» would say that it has. */
const wouldBe: Partial<Record<MessageResult, string>> = { applied: "Примем", conflict: "Спросим, чьё верно", error: "Не примем", skipped: "Пропустим" };

/** A file is tried, and what would happen to each document is said; works without scripts as well. */
export function RehearsalForm({ action, bases }: Props) {
  const [state, submit, pending] = useActionState(action, null);
  /** The action alone would empty the fields; it stays for browsers without scripts. */
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    startTransition(() => submit(given));
  }
  return (
    <>
      <form action={submit} onSubmit={send} className="flex flex-col gap-3 p-4 sm:px-5">
        <label className="flex flex-col gap-1.5 font-medium">
          База
          <select name="connectionId" className={`h-9 !py-0 font-normal pointer-coarse:h-11 ${box}`}>
            {bases.map((base) => (
              <option key={base.connectionId} value={base.connectionId}>
                {base.name}
              </option>
            ))}
          </select>
        </label>
        <label className="flex flex-col gap-1.5 font-medium">
          Текст файла CommerceML или пакета JSON
          <textarea name="text" rows={8} maxLength={1_000_000} className={`font-mono !text-caption ${box}`} />
        </label>
        <label className="flex flex-col gap-1.5 font-medium">
          Или сам файл, до 1&nbsp;МБ
          <input type="file" name="file" accept=".xml,.json,text/xml,application/xml,application/json" className="text-dense font-normal text-muted-foreground file:mr-3 file:h-9 file:cursor-pointer file:rounded-control file:border file:border-border file:bg-card file:px-3.5 file:font-medium file:text-foreground hover:file:bg-muted pointer-coarse:file:h-11" />
        </label>
        <div>
          <Button type="submit" look="primary" disabled={pending}>
            {pending ? "Выполняется…" : "Проверить"}
          </Button>
        </div>
        <Answer state={state} />
      </form>
      {state?.found ? (
        <ol className="num border-t text-dense">
          {state.found.map((each, at) => (
            <li key={at} className="flex flex-col gap-2 border-b px-4 py-3 last:border-b-0 sm:px-5">
              <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
                <StateBadge tone={resultTones[each.result]}>{wouldBe[each.result] ?? resultLabels[each.result]}</StateBadge>
                <span className="font-medium wrap-anywhere">{each.summary}</span>
              </p>
              {each.resultText && !each.summary.includes(each.resultText) ? <p className="wrap-anywhere text-muted-foreground">{each.resultText}</p> : null}
              {each.warnings.map((warning) => (
                <p key={warning} className="wrap-anywhere text-warning">
                  {warning}
                </p>
              ))}
              {each.diff.length > 0 ? <DiffTable diff={each.diff} /> : null}
            </li>
          ))}
        </ol>
      ) : null}
    </>
  );
}

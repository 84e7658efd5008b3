"use client";
import { startTransition, useActionState, useRef, useState } from "react";
import type { FormEvent } from "react";
import { Button, buttonClass } from "@/components/ui/button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { formatDate, formatMoney } from "@/lib/kit/format.ts";
import { parseRubles } from "@/lib/kit/money.ts";
import { Answer } from "./action-form.tsx";
import type { FormAction } from "./action-form.tsx";

type Props = { orderId: string; orderNumber: string; /** Suggested: what is still due, like `8184,50`. */ due: string; today: string; action: FormAction };
type Asked = { sum: string; date: string; documentNumber: string };

function askedOf(form: FormData): Asked | null {
  try {
    return { sum: formatMoney(parseRubles(String(form.get("amount")))), date: formatDate(String(form.get("documentDate"))), documentNumber: String(form.get("documentNumber")).trim() };
  } catch {
    return null;
  }
}

/** A bank transfer entered by hand. Money is never booked by one click: the second step repeats sum, document and order. */
export function TransferForm({ orderId, orderNumber, due, today, action }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [state, submit, pending] = useActionState(async (before: Parameters<FormAction>[0], form: FormData) => {
    const answer = await action(before, form);
    setAsked(null);
    return answer;
  }, null);
  const form = useRef<HTMLFormElement>(null);
  const back = useRef<HTMLButtonElement>(null);
  const [problem, setProblem] = useState<string | null>(null);

  function review() {
    if (!form.current?.reportValidity()) return;
    const next = askedOf(new FormData(form.current));
    setProblem(next ? null : "Укажите сумму, например 12 345,60");
    setAsked(next);
    if (next) requestAnimationFrame(() => back.current?.focus());
  }
  /** Not by the form's own action: that one would empty the fields after a refusal. */
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!asked) return review();
    const given = new FormData(event.currentTarget);
    startTransition(() => submit(given));
  }
  const error = (name: string) => (state && !state.ok && state.field === name ? state.message : null);

  return (
    <form ref={form} onSubmit={send} className="flex flex-col gap-3">
      <input type="hidden" name="orderId" value={orderId} />
      <div className={asked ? "hidden" : "flex flex-col gap-3"}>
        <Field id="transfer-amount" name="amount" label="Сумма, ₽" inputMode="decimal" defaultValue={due} required maxLength={24} error={problem ?? error("amount")} className="num" />
        <Field id="transfer-number" name="documentNumber" label="Номер платёжного документа" required maxLength={64} error={error("documentNumber")} />
        <Field id="transfer-date" name="documentDate" type="date" label="Дата зачисления на счёт" defaultValue={today} max={today} required error={error("documentDate")} />
        <Field id="transfer-note" name="note" label="Примечание" maxLength={500} hint="Останется в журнале аудита" />
        <div>
          <Button onClick={review}>Продолжить</Button>
        </div>
      </div>
      {asked ? (
        <div role="group" aria-label="Проверьте перед записью" className="flex flex-col gap-3 rounded-control bg-warning-tint p-3 text-warning">
          <p>
            Отметим поступление <b className="num whitespace-nowrap">{asked.sum}</b> по документу №&nbsp;{asked.documentNumber} от {asked.date} за заказ №&nbsp;{orderNumber}. Отменить запись потом нельзя, ошибку исправляет только новая запись.
          </p>
          <div className="flex flex-wrap gap-2">
            <button ref={back} type="button" onClick={() => setAsked(null)} disabled={pending} className={buttonClass()}>
              Изменить
            </button>
            <Button type="submit" look="primary" disabled={pending}>
              {pending ? "Выполняется…" : `Отметить ${asked.sum}`}
            </Button>
          </div>
        </div>
      ) : null}
      <Answer state={state && (state.ok || !state.field) ? state : null} />
    </form>
  );
}

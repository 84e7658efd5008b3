"use client";
import { useActionState, useState, useTransition } from "react";
import type { FormEvent, ReactNode } from "react";
import type { PayFormState } from "@/app/pay/[token]/form-state.ts";
import { Button } from "@/components/ui/button.tsx";
import { ContactField } from "./contact-field.tsx";
import { InvoiceFields } from "./invoice-fields.tsx";
import type { KnownCompany } from "./invoice-fields.tsx";
import { MethodCard } from "./method-card.tsx";
import type { PayMethodCode } from "./method-texts.ts";

type Props = {
  action: (state: PayFormState, form: FormData) => Promise<PayFormState>;
  token: string;
  /** One per drawn form: a double click is one attempt. */
  formKey: string;
  /** Kopecks as text: what the buyer saw and agrees to. */
  amountSeen: string;
  /** The same, for people. */
  amountText: string;
  methods: { code: PayMethodCode; isDown: boolean }[];
  preselected: PayMethodCode;
  contactMasked: string | null;
  company: KnownCompany | null;
  /** Inside the invoice's card: an invoice that stands already. */
  standingInvoice: ReactNode;
  footer: ReactNode;
};

/**
 * The choice and the button. A native form: without JavaScript the same server action answers with a page; which panel and
 * which words show is CSS (`:has`).
 */
export function PayForm(props: Props) {
  const [drawn, submit] = useActionState(props.action, { round: 0, errors: {}, values: {} });
  const [answered, setAnswered] = useState<PayFormState | null>(null);
  const [isSending, startSending] = useTransition();
  const [isLeaving, setIsLeaving] = useState(false);
  const state = answered ?? drawn;
  const isPending = isSending || isLeaving;

  // With a script the form is sent here: the page may be redrawn while the bank answers, and the journey to the bank must
  // not depend on what is drawn. Without one the browser sends it to the same action.
  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (isPending) return;
    const form = new FormData(event.currentTarget);
    startSending(async () => {
      const answer = await props.action(state, form);
      if (answer.goTo) {
        setIsLeaving(true);
        window.location.assign(answer.goTo);
      } else setAnswered(answer);
    });
  }
  const chosen = state.values.method ?? props.preselected;
  return (
    <form action={submit} onSubmit={send} noValidate className="group/pay flex flex-col gap-4">
      <input type="hidden" name="token" value={props.token} />
      <input type="hidden" name="formKey" value={props.formKey} />
      <input type="hidden" name="amountSeen" value={props.amountSeen} />
      <fieldset key={state.round} className="flex min-w-0 flex-col gap-2">
        <legend className="mb-3 text-h3 font-semibold tracking-heading">Как оплатить</legend>
        {props.methods.map(({ code, isDown }) => (
          <MethodCard key={code} code={code} isDown={isDown} isChosen={code === chosen}>
            {code === "invoice" ? (
              <>
                {props.standingInvoice}
                <InvoiceFields company={props.company} state={state} />
              </>
            ) : code === "sbp" ? (
              <>
                <p className="wide:hidden">Откроем приложение вашего банка: останется подтвердить перевод.</p>
                <p className="hidden wide:block">Покажем QR-код: наведите на него камеру телефона или приложение банка.</p>
              </>
            ) : (
              <p>Номер карты вы введёте на защищённой странице банка.</p>
            )}
          </MethodCard>
        ))}
      </fieldset>
      <ContactField key={`contact-${state.round}`} masked={props.contactMasked} state={state} />
      {state.errors.form ? (
        <p role="alert" className="rounded-card bg-danger-tint p-4 text-danger">
          {state.errors.form}
        </p>
      ) : null}
      <div className="sticky bottom-0 z-10 -mx-4 border-t bg-background px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] wide:static wide:mx-0 wide:border-0 wide:p-0">
        <Button type="submit" look="primary" size="customer" className="w-full tabular-nums" aria-busy={isPending} data-pending={isPending || undefined}>
          <span className="supports-[selector(:has(*))]:hidden">Продолжить</span>
          <span className="hidden group-has-[[value=card]:checked]/pay:inline">Оплатить {props.amountText}</span>
          <span className="hidden group-has-[[value=sbp]:checked]/pay:inline">
            <span className="wide:hidden">Оплатить через СБП {props.amountText}</span>
            <span className="hidden wide:inline">Показать QR-код</span>
          </span>
          <span className="hidden group-has-[[value=invoice]:checked]/pay:inline">Получить счёт</span>
          {isPending ? <span className="size-4 animate-spin rounded-full border-2 border-current border-r-transparent" aria-hidden="true" /> : null}
        </Button>
      </div>
      {props.footer}
    </form>
  );
}

import type { PayMethodCode } from "@/components/pay/method-texts.ts";

/** What the payment form gets back when it was refused: values stay, errors stand under their fields. */
export type PayFormState = {
  /** Grows with each answer, so that fields are drawn anew with their values. */
  round: number;
  errors: Partial<Record<"form" | "contact" | "inn" | "kpp" | "name", string>>;
  /** The bank's page, when the form was sent by a script: a redirect to a stranger's page is the browser's business, not the router's. */
  goTo?: string;
  values: { method?: PayMethodCode; contact?: string; inn?: string; kpp?: string; name?: string; address?: string };
};

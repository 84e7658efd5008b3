import { unstable_rethrow } from "next/navigation";
import { DomainError, invalid } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { MoneyFormatError, parseRubles } from "@/lib/kit/money.ts";
import { getContext } from "@/lib/runtime.ts";

/** What a server action tells its form. `field` names the input at fault. */
export type ActionResult = { ok: boolean; message: string; field?: string | null } | null;

/** Runs an action's verb: expected failures become their Russian text, others a neutral text with an id that is in the log. */
export async function runAction(name: string, work: () => Promise<string>): Promise<NonNullable<ActionResult>> {
  try {
    return { ok: true, message: await work() };
  } catch (error) {
    unstable_rethrow(error);
    if (error instanceof DomainError) return { ok: false, message: error.message, field: error.details["field"] ?? null };
    const traceId = newId();
    (await getContext().catch(() => null))?.log.error({ err: error, action: name, traceId }, "action failed");
    return { ok: false, message: `Не получилось, ничего не изменилось. Код для поддержки: ${traceId}` };
  }
}

/** A text field of a form, trimmed. */
export const textOf = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === "string" ? value.trim() : "";
};

/** A sum of roubles of a form, in kopecks; null when the field is empty. Throws `invalid` with the field's name. */
export function sumOf(form: FormData, name: string): bigint | null {
  const text = textOf(form, name);
  if (text === "") return null;
  try {
    return parseRubles(text);
  } catch (error) {
    if (error instanceof MoneyFormatError) throw invalid("Укажите сумму, например 12 345,60", { field: name });
    throw error;
  }
}

/** The same where the sum must be there. */
export function sumNeeded(form: FormData, name: string): bigint {
  const sum = sumOf(form, name);
  if (sum === null) throw invalid("Укажите сумму", { field: name });
  return sum;
}

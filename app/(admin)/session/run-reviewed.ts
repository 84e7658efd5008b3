import { runAction, textOf } from "./run-action.ts";
import type { ActionResult } from "./run-action.ts";

/** What a money action will do, in words, before it does it (ux.md 10): sum, object, consequence, and the verb on the button. */
export type Review = { text: string; label: string; notes?: string[]; tables?: { title: string; rows: { name: string; note: string; sum: string }[] }[] };
export type ReviewResult = (NonNullable<ActionResult> & { review?: Review }) | null;

/**
 * Two steps of one form: the first answer is the review, the second post carries the reviewed text and acts only while that text is
 * still true: what a person agreed to is what happens, with scripts or without.
 */
export async function runReviewed(name: string, form: FormData, plan: () => Promise<{ review: Review; act: () => Promise<string> }>): Promise<ReviewResult> {
  let review: Review | null = null;
  const result = await runAction(name, async () => {
    const planned = await plan();
    if (textOf(form, "reviewed") === planned.review.text) return planned.act();
    review = planned.review;
    return "";
  });
  return review ? { ...result, review } : result;
}

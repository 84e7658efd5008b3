import { can, scopeOf } from "@/lib/auth/permissions.ts";
import type { Permission } from "@/lib/auth/permissions.ts";
import { actorText } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { forbidden, invalid } from "@/lib/kit/errors.ts";

const REASON_MIN = 5;
const REASON_MAX = 500;

/** Throws `forbidden` when the actor's role may not do it, or may do it in another store only. `storeId` null = every store. */
export function allow({ actor }: Ctx, permission: Permission, storeId: string | null): void {
  if (actor.kind === "system") return;
  if (actor.kind !== "staff" || !can(actor.role, permission)) throw forbidden();
  if (scopeOf(actor.role, permission) === "own" && (storeId === null || actor.storeId !== storeId)) throw forbidden("Это можно сделать только в своём магазине");
}

/** A reason as staff wrote it. Throws `invalid` (field `reason`). */
export function reasonOf(text: string, prompt: string): string {
  const reason = text.trim();
  if (reason.length < REASON_MIN || reason.length > REASON_MAX) throw invalid(prompt, { field: "reason" });
  return reason;
}

export const who = (ctx: Ctx): string => actorText(ctx.actor);

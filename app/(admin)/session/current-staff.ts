import { decode } from "next-auth/jwt";
import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { can } from "@/lib/auth/permissions.ts";
import type { Permission } from "@/lib/auth/permissions.ts";
import { viewerOf } from "@/lib/auth/scope.ts";
import type { Viewer } from "@/lib/auth/scope.ts";
import { actorOf, findSession } from "@/lib/auth/sessions.ts";
import type { Staff } from "@/lib/auth/sessions.ts";
import { actingAs } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { DomainError, forbidden } from "@/lib/kit/errors.ts";
import { requireEnv } from "@/lib/kit/env.ts";
import { getContext } from "@/lib/runtime.ts";
import { addressOf } from "./address.ts";
import { SESSION_COOKIE, sessionIdOf } from "./next-auth.ts";

export type SignedIn = { ctx: Ctx; staff: Staff; viewer: Viewer };

/** Who asks, read from the database once per request. Null: nobody is signed in. */
export const currentStaff = cache(async (): Promise<SignedIn | null> => {
  const [jar, list] = await Promise.all([cookies(), headers()]);
  const cookie = jar.get(SESSION_COOKIE)?.value;
  if (!cookie) return null;
  const token = await decode({ token: cookie, secret: requireEnv("NEXTAUTH_SECRET") }).catch(() => null);
  const sessionId = sessionIdOf(token);
  if (sessionId === null) return null;
  const base = await getContext();
  const staff = await findSession(base, sessionId);
  if (!staff) return null;
  return { ctx: actingAs(base, actorOf(staff, addressOf(list))), staff, viewer: viewerOf(staff) };
});

/** For pages: the sign-in page comes first, and leads back here. */
export async function requireStaff(): Promise<SignedIn> {
  const signedIn = await currentStaff();
  if (signedIn) return signedIn;
  const path = (await headers()).get("x-path") ?? "/admin";
  redirect(path === "/admin" ? "/login" : `/login?back=${encodeURIComponent(path)}`);
}

/** For server actions: throws when nobody is signed in or the role may not do it. Verbs check again. */
export async function staffActor(permission: Permission | null): Promise<SignedIn> {
  const signedIn = await currentStaff();
  if (!signedIn) throw new DomainError("forbidden", "Сеанс закончился. Войдите заново");
  if (permission !== null && !can(signedIn.staff.role, permission)) throw forbidden();
  return signedIn;
}

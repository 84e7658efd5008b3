"use server";
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { revokeSession } from "@/lib/auth/sessions.ts";
import { currentStaff } from "./current-staff.ts";
import { SESSION_COOKIE } from "./next-auth.ts";

/** Ends this session on the server, not only in the browser. */
export async function signOutAction(): Promise<void> {
  const signedIn = await currentStaff();
  if (signedIn) await revokeSession(signedIn.ctx, signedIn.staff.userId, signedIn.staff.sessionId, "session.signed_out");
  (await cookies()).delete(SESSION_COOKIE);
  redirect("/login");
}

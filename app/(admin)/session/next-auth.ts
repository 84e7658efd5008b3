/** next-auth of staff: Credentials, and a token that names one of our sessions and says nothing else (README decision 14). */
import type { AuthOptions } from "next-auth";
import type { JWT } from "next-auth/jwt";
import Credentials from "next-auth/providers/credentials";
import { SignInRefused, signIn } from "@/lib/auth/sign-in.ts";
import { SESSION_HOURS, actorOf, findSession, revokeSession } from "@/lib/auth/sessions.ts";
import { getContext } from "@/lib/runtime.ts";
import { addressOf } from "./address.ts";

const isHttps = (process.env["PUBLIC_URL"] ?? "").startsWith("https:");
export const SESSION_COOKIE = `${isHttps ? "__Secure-" : ""}kopeyka.session`;

type Token = JWT & { sid?: string };
export const sessionIdOf = (token: JWT | null): string | null => {
  const sid = (token as Token | null)?.sid;
  return typeof sid === "string" ? sid : null;
};

const text = (value: unknown): string => (typeof value === "string" ? value : "");

export const authOptions: AuthOptions = {
  session: { strategy: "jwt", maxAge: SESSION_HOURS * 3600 },
  useSecureCookies: isHttps,
  cookies: { sessionToken: { name: SESSION_COOKIE, options: { httpOnly: true, sameSite: "lax", path: "/", secure: isHttps } } },
  pages: { signIn: "/login", error: "/login", signOut: "/login" },
  providers: [
    Credentials({
      credentials: { email: {}, password: {}, code: {} },
      async authorize(given, request) {
        const headers = new Headers(request.headers as Record<string, string> | undefined);
        try {
          const ctx = await getContext();
          const { sessionId } = await signIn(ctx, {
            email: text(given?.email),
            password: text(given?.password),
            code: text(given?.code) || null,
            ip: addressOf(headers),
            userAgent: headers.get("user-agent"),
          });
          return { id: sessionId };
        } catch (error) {
          // The text lands in the browser's address: codes only.
          if (error instanceof SignInRefused) throw new Error(error.refusal === "too_many" ? `too_many.${error.waitSeconds}` : error.refusal);
          (await getContext().catch(() => null))?.log.error({ err: error }, "sign-in failed");
          throw new Error("unavailable");
        }
      },
    }),
  ],
  callbacks: {
    jwt: ({ token, user }) => ({ sid: user ? user.id : sessionIdOf(token) }),
    // The browser may ask whether it is signed in, and learns nothing more.
    session: ({ session }) => ({ expires: session.expires }),
  },
  events: {
    async signOut({ token }) {
      const sessionId = sessionIdOf(token);
      const ctx = await getContext();
      const staff = sessionId === null ? null : await findSession(ctx, sessionId);
      if (staff) await revokeSession({ ...ctx, actor: actorOf(staff, null) }, staff.userId, staff.sessionId, "session.signed_out");
    },
  },
};

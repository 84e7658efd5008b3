/** Fields that several parts of a set-up file share. */
import { z } from "zod";
import { parseContact } from "@/lib/kit/contact.ts";

const isHttp = (url: string): boolean => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);

export const webAddress = z.string().trim().max(500).refine(isHttp, "must be a web address with https://");

/** The address of a service: nothing behind the path, no credentials in it, no slash at the end. */
export const baseUrl = webAddress
  .refine((url) => !isHttp(url) || (new URL(url).search === "" && new URL(url).hash === "" && new URL(url).username === ""), "must end with its host or path: no ?, # or login")
  .transform((url) => url.replace(/\/+$/, ""));

export const contactOf = (kind: "email" | "phone") =>
  z
    .string()
    .refine((typed) => {
      const contact = parseContact(typed);
      return !("error" in contact) && contact.kind === kind;
    }, kind === "email" ? "is no e-mail address" : "is no phone number")
    .transform((typed) => {
      const contact = parseContact(typed);
      return "error" in contact ? typed : contact.value;
    });

/** Loopback and private networks: a 1C in the same building is often published without TLS. */
const isPrivateHost = (host: string): boolean => host === "localhost" || host === "[::1]" || /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)/.test(host) || host.endsWith(".local");

/** Where events are sent. What they say is the buyer's business: a live address outside of the own network is https. */
export const pushAddress = webAddress.refine((url) => !isHttp(url) || (new URL(url).username === "" && new URL(url).hash === ""), "must not hold a login or a #");
export function pushIsSafe(connection: { environment: "test" | "live"; settings: { push?: { url: string } | undefined } }, ctx: z.RefinementCtx): void {
  const url = connection.settings.push?.url;
  if (connection.environment !== "live" || url === undefined || !isHttp(url) || url.startsWith("https://") || isPrivateHost(new URL(url).hostname)) return;
  ctx.addIssue({ code: "custom", path: ["settings", "push", "url"], message: "must begin with https:// in a live connection outside of your own network" });
}

/** Live credentials never go out in the clear; a pretended service of a test connection may stand on plain HTTP. */
export function httpsOnly(connection: { environment: "test" | "live"; settings: { baseUrl: string } }, ctx: z.RefinementCtx): void {
  if (connection.environment === "live" && !connection.settings.baseUrl.startsWith("https://")) ctx.addIssue({ code: "custom", path: ["settings", "baseUrl"], message: "must begin with https:// in a live connection" });
}

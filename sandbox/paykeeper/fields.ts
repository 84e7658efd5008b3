import { fromMoscow } from "../core/clock.ts";
import { safeLink } from "../core/page.ts";

/** `expiry` as PayKeeper reads it: a bare date is not inclusive (the day's beginning), a moment is exact. null = malformed. */
export function expiryMoment(text: string): number | null {
  return fromMoscow(text);
}

/** `service_name` may be plain text or JSON with a return address. */
export function nameAndReturn(serviceName: string): { name: string; returnUrl: string | null } {
  if (serviceName.startsWith("{")) {
    try {
      const parsed = JSON.parse(serviceName) as Record<string, unknown>;
      const name = typeof parsed.service_name === "string" ? parsed.service_name : "";
      const back = typeof parsed.user_result_callback === "string" ? safeLink(parsed.user_result_callback) : null;
      return { name, returnUrl: back };
    } catch {
      return { name: serviceName, returnUrl: null };
    }
  }
  return { name: serviceName, returnUrl: null };
}

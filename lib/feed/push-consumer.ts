import { loadConnection } from "@/lib/connections/index.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";

/** Where the events of one consumer are sent, and with what. Never log it. */
export type PushConsumer = { connectionId: string; kind: "onec" | "shop"; name: string; url: string; headers: Record<string, string>; secret: string | null; /** Zone of its local times; null = the business's. */ zone: string | null };

/** Null when this consumer fetches its events itself. 1C wants a Basic login of its own, a shop knows us by the signature alone. */
export function pushConsumerOf(connection: OpenConnection): PushConsumer | null {
  const zone = connection.settings["zone"];
  const push = connection.settings["push"] as { url?: unknown; login?: unknown } | undefined;
  if (!connection.enabled || typeof push?.url !== "string" || (connection.kind !== "onec" && connection.kind !== "shop")) return null;
  const { pushPassword, pushSecret } = connection.secret;
  const basic = typeof push.login === "string" && push.login !== "" ? `Basic ${Buffer.from(`${push.login}:${pushPassword ?? ""}`, "utf8").toString("base64")}` : null;
  return { connectionId: connection.id, kind: connection.kind, name: connection.name, url: push.url, headers: basic === null ? {} : { authorization: basic }, secret: pushSecret ?? null, zone: typeof zone === "string" ? zone : null };
}

export const loadPushConsumer = async (ctx: Ctx, connectionId: string): Promise<PushConsumer | null> => pushConsumerOf(await loadConnection(ctx, connectionId));

import type { Ctx } from "@/lib/context.ts";
import type { DemoConnections } from "./connections.ts";
import type { DemoParties } from "./parties.ts";

/** A month of orders and payments, made by the real verbs on a moved clock. */
export async function seedHistory(_ctx: Ctx, _parties: DemoParties, _connections: DemoConnections): Promise<void> {}

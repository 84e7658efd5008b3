import type { Ctx } from "@/lib/context.ts";
import { exchangeRoute } from "@/lib/onec/exchange-route.ts";
import { openDoor } from "./open-door.ts";
import type { OpenDoor } from "./open-door.ts";

/** Our exchange address without Next. */
export const openExchangeDoor = (ctx: Ctx): Promise<OpenDoor> => openDoor((request) => exchangeRoute(ctx, request));

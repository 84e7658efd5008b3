import { payKeeperRoute } from "@/lib/onec/paykeeper/index.ts";
import { getContext } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** What 1C code written for PayKeeper reads (json-api.md 2). Every method: the door itself says what is wrong. */
const answer = async (request: Request) => payKeeperRoute(await getContext(), request);

export { answer as DELETE, answer as GET, answer as OPTIONS, answer as PATCH, answer as POST, answer as PUT };

import { payKeeperRoute } from "@/lib/onec/paykeeper/index.ts";
import { getContext } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** What 1C code written for PayKeeper reads (json-api.md 2). Both methods: the door itself says what is wrong. */
const answer = async (request: Request) => payKeeperRoute(await getContext(), request);

export { answer as GET, answer as POST };

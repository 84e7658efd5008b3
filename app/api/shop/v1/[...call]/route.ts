import { getContext } from "@/lib/runtime.ts";
import { shopRoute } from "@/lib/shops/index.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

const answer = async (request: Request) => shopRoute(await getContext(), request);

export { answer as DELETE, answer as GET, answer as OPTIONS, answer as PATCH, answer as POST, answer as PUT };

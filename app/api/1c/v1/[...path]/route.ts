import { jsonDoor } from "@/lib/onec/json/index.ts";
import { getContext } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The JSON exchange with 1C. One route for all its addresses, so that a wrong one and a wrong method are answered in JSON too. */
const exchange = async (request: Request) => jsonDoor(await getContext(), request);

export { exchange as DELETE, exchange as GET, exchange as HEAD, exchange as OPTIONS, exchange as PATCH, exchange as POST, exchange as PUT };

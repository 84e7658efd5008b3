import { exchangeRoute } from "@/lib/onec/exchange-route.ts";
import { getContext } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The exchange with 1C (CML-1). Both methods everywhere: clients differ. */
const exchange = async (request: Request) => exchangeRoute(await getContext(), request);

export { exchange as GET, exchange as POST };

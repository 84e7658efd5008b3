import { missingFile } from "@/app/missing-file.ts";
import { clientAddress } from "@/lib/kit/client-address.ts";
import { giveBuyerFile } from "@/lib/documents/give-buyer-file.ts";
import { getContext } from "@/lib/runtime.ts";

/** A document of 1C on the pay page of its order (INV-16). */
export async function GET(request: Request, { params }: { params: Promise<{ token: string; id: string }> }): Promise<Response> {
  const { token, id } = await params;
  const ip = clientAddress(request.headers);
  return missingFile(request, await giveBuyerFile(await getContext({ kind: "buyer", ip }), { payToken: token }, id, ip));
}

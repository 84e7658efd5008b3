import { clientAddress } from "@/lib/kit/client-address.ts";
import { giveBuyerFile } from "@/lib/documents/give-buyer-file.ts";
import { getContext } from "@/lib/runtime.ts";

/** A document of 1C on the page of its order's invoice (INV-16). */
export async function GET(request: Request, { params }: { params: Promise<{ token: string; id: string }> }): Promise<Response> {
  const { token, id } = await params;
  const ip = clientAddress(request.headers);
  return giveBuyerFile(await getContext({ kind: "buyer", ip }), { invoiceToken: token }, id, ip);
}

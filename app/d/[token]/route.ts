import { missingFile } from "@/app/missing-file.ts";
import { clientAddress } from "@/lib/kit/client-address.ts";
import { giveBuyerFile } from "@/lib/documents/give-buyer-file.ts";
import { getContext } from "@/lib/runtime.ts";

/** The address of a document in a letter; it ends (INV-16). */
export async function GET(request: Request, { params }: { params: Promise<{ token: string }> }): Promise<Response> {
  const ip = clientAddress(request.headers);
  return missingFile(request, await giveBuyerFile(await getContext({ kind: "buyer", ip }), { letterToken: (await params).token }, null, ip));
}

import { currentStaff } from "../../../session/current-staff.ts";
import { fileResponse, readDocumentFile } from "@/lib/documents/index.ts";
import { DomainError } from "@/lib/kit/errors.ts";
import { assertVisible } from "@/lib/orders/assert-visible.ts";

const missing = () => new Response("Документ не найден", { status: 404, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" } });

/** A document of 1C, hidden and old ones too, for those who see its order and its buyer. */
export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const signedIn = await currentStaff();
  if (!signedIn?.viewer.seesBuyers) return missing();
  const { ctx, viewer } = signedIn;
  const version = new URL(request.url).searchParams.get("version");
  const file = await readDocumentFile(ctx, (await params).id, version !== null && /^\d{1,6}$/.test(version) ? Number(version) : null);
  if (!file) return missing();
  try {
    if (file.orderId) await assertVisible(ctx, viewer, file.orderId);
    else if (viewer.storeId !== null) return missing();
  } catch (error) {
    if (error instanceof DomainError) return missing();
    throw error;
  }
  return fileResponse(file);
}

import { currentStaff } from "../../../session/current-staff.ts";
import { can } from "@/lib/auth/permissions.ts";
import { readEvidenceFile } from "@/lib/evidence/index.ts";
import { lengthHeaders } from "@/lib/kit/body-length.ts";
import { DomainError } from "@/lib/kit/errors.ts";
import { assertVisible } from "@/lib/orders/assert-visible.ts";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const missing = () => new Response("Файл не найден", { status: 404, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" } });

/** A proof's file, for those who decide about money and may see its order. Always saved, never shown: it came from outside. */
export async function GET(_request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const signedIn = await currentStaff();
  const { id } = await params;
  if (!signedIn || !can(signedIn.staff.role, "dispute.manage") || !UUID.test(id)) return missing();
  const { ctx, viewer } = signedIn;
  const file = await readEvidenceFile(ctx, id);
  if (!file) return missing();
  try {
    if (file.orderId) await assertVisible(ctx, viewer, file.orderId);
    else if (viewer.storeId !== null) return missing();
  } catch (error) {
    if (error instanceof DomainError) return missing();
    throw error;
  }
  return new Response(new Uint8Array(file.bytes), {
    headers: {
      "content-type": file.mime, ...lengthHeaders(file.bytes.length), "content-disposition": `attachment; filename="evidence"; filename*=UTF-8''${encodeURIComponent(file.fileName)}`,
      "x-content-type-options": "nosniff", "content-security-policy": "sandbox; default-src 'none'", "cache-control": "private, no-store",
    },
  });
}

/** Where a registry or a bank statement is uploaded. Outside of the proxy, which would keep large bodies in memory a second time. */
import { currentStaff } from "@/app/(admin)/session/current-staff.ts";
import { isOwnPage } from "@/app/(admin)/session/is-own-page.ts";
import { can } from "@/lib/auth/permissions.ts";
import { httpStatusOf, DomainError, invalid } from "@/lib/kit/errors.ts";
import { newId } from "@/lib/kit/ids.ts";
import { readBodyBytes } from "@/lib/kit/read-body.ts";
import { registryLimits, uploadBankStatement, uploadRegistry } from "@/lib/reconciliation/index.ts";
import { currentWorld } from "@/lib/reports/world.ts";
import type { Ctx } from "@/lib/context.ts";

const PAGE = "/admin/reconciliation/uploads";
/** The file and the few fields around it. */
const BODY_MAX = registryLimits.bytesMax + 64 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function POST(request: Request): Promise<Response> {
  const wantsJson = request.headers.get("accept") === "application/json";
  const answer = (href: string, message: string | null, status = 200, field: string | null = null) =>
    wantsJson ? Response.json({ ok: message === null, href, message, field }, { status, headers: { "cache-control": "no-store" } }) : new Response(null, { status: 303, headers: { location: href } });
  if (!isOwnPage(request)) return new Response(null, { status: 403 });
  const signedIn = await currentStaff();
  if (!signedIn) return wantsJson ? answer("/login", "Сеанс закончился. Войдите заново", 403) : answer("/login", null);
  const { ctx, staff } = signedIn;
  if (!can(staff.role, "registry.upload")) return answer(`${PAGE}?refused=forbidden`, "У вас нет права на это действие", 403);
  try {
    const form = await formOf(request);
    return answer(await take(ctx, form), null);
  } catch (error) {
    if (error instanceof DomainError) return answer(`${PAGE}?refused=${error.details["reason"] ?? error.details["field"] ?? error.code}`, error.message, httpStatusOf[error.code], error.details["field"] ?? null);
    const traceId = newId();
    ctx.log.error({ err: error, traceId }, "an upload failed");
    return answer(`${PAGE}?refused=failed`, `Не получилось, ничего не сохранено. Код для поддержки: ${traceId}`, 500);
  }
}

async function formOf(request: Request): Promise<FormData> {
  const bytes = await readBodyBytes(request, BODY_MAX);
  if (bytes === null) throw invalid("Файл больше 50\u00A0МБ. Разделите его на части", { field: "file", reason: "too_big" });
  try {
    return await new Response(bytes, { headers: { "content-type": request.headers.get("content-type") ?? "" } }).formData();
  } catch {
    throw invalid("Файл не дошёл целиком. Загрузите его ещё раз", { field: "file", reason: "broken" });
  }
}

/** Address of the page that shows what came of it. */
async function take(ctx: Ctx, form: FormData): Promise<string> {
  const file = form.get("file");
  if (!(file instanceof File) || file.size === 0) throw invalid("Выберите файл", { field: "file", reason: "no_file" });
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (form.get("kind") === "statement") {
    const isTest = (await currentWorld(ctx)) === "test";
    const { status, statements } = await uploadBankStatement(ctx, { fileName: file.name, bytes, isTest });
    if (status === "known") return `${PAGE}?known=statement`;
    return `${PAGE}?${statements.slice(0, 10).map(({ statementId }) => `delivery=${statementId}`).join("&")}`;
  }
  const connectionId = form.get("connectionId");
  if (typeof connectionId !== "string" || !UUID.test(connectionId)) throw invalid("Выберите банк", { field: "connectionId", reason: "no_bank" });
  const uploaded = await uploadRegistry(ctx, { connectionId, fileName: file.name, bytes });
  return uploaded.status === "known" ? `${PAGE}?delivery=${uploaded.registryId}&known=registry` : `${PAGE}?delivery=${uploaded.registry.registryId}`;
}

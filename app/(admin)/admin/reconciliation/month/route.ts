import { currentStaff } from "../../../session/current-staff.ts";
import { lengthHeaders } from "@/lib/kit/body-length.ts";
import { DomainError, httpStatusOf } from "@/lib/kit/errors.ts";
import { makeMonthPack } from "@/lib/reconciliation/index.ts";
import { currentWorld } from "@/lib/reports/world.ts";

const text = (message: string, status: number) => new Response(message, { status, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" } });

/** «Выгрузить месяц»: an XLSX of `?month=2026-11`. */
export async function GET(request: Request): Promise<Response> {
  const signedIn = await currentStaff();
  if (!signedIn) return text("Войдите заново", 403);
  const { ctx } = signedIn;
  const month = new URL(request.url).searchParams.get("month") ?? "";
  try {
    const bytes = await makeMonthPack(ctx, { month, isTest: (await currentWorld(ctx)) === "test" });
    return new Response(new Uint8Array(bytes), {
      headers: {
        "content-type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ...lengthHeaders(bytes.length), "cache-control": "private, no-store", "x-content-type-options": "nosniff",
        "content-disposition": `attachment; filename="sverka-${month}.xlsx"; filename*=UTF-8''${encodeURIComponent(`Сверка ${month}.xlsx`)}`,
      },
    });
  } catch (error) {
    if (error instanceof DomainError) return text(error.message, httpStatusOf[error.code]);
    throw error;
  }
}

import { jsonAnswer } from "@/lib/kit/json-answer.ts";
import { PREFIX, openApi } from "@/lib/onec/json/index.ts";
import { getContext } from "@/lib/runtime.ts";

export const dynamic = "force-dynamic";
export const runtime = "nodejs";

/** The description of the JSON exchange for programs; it holds no secret and needs no password. */
export const GET = async (): Promise<Response> => jsonAnswer(openApi(`${(await getContext()).publicUrl}${PREFIX}`));

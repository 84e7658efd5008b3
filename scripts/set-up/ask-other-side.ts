/** `--check`: asks the bank or the register with the given credentials before anything is written. */
import { acquirerOf } from "@/lib/acquirers/registry.ts";
import type { OpenConnection } from "@/lib/connections/index.ts";
import { cashRegisterOf } from "@/lib/fiscal/registry.ts";
import { kindOf } from "./shape.ts";
import type { ConnectionFile, SetUp } from "./shape.ts";

const LIMIT_MS = 30_000;

export type Asked = { ok: boolean; lines: string[] };

/** Lines in the words of the adapters; nothing to ask for 1C and shops (they come to us) and mail. */
export async function askOtherSide({ connection, seller }: SetUp, now: () => Date): Promise<Asked> {
  if (!connection || connection.provider === "commerceml" || connection.provider === "smtp" || connection.provider === "shop") return { ok: true, lines: ["nothing to ask: only PayKeeper and Orange Data can be asked"] };
  const settings = settingsOf(connection, seller?.inn);
  if (settings === null) return { ok: false, lines: ["connection.settings.inn: is missing; --check wants it or sellerInn"] };
  const { provider, name, environment, enabled } = connection;
  const open: OpenConnection = {
    id: "", kind: kindOf[provider], provider, name, sellerOrgId: null, storeId: null, environment, door: "", settings,
    secret: connection.secret as Record<string, string>, enabled, blockedReason: null,
  };
  const side = provider === "paykeeper" ? acquirerOf(open, now) : cashRegisterOf(open);
  const steps = await side.check(AbortSignal.timeout(LIMIT_MS));
  return { ok: steps.every((step) => step.ok), lines: steps.map((step) => `${step.ok ? "ok  " : "FAIL"} ${step.name}${step.advice === null ? "" : `: ${step.advice}`}`) };
}

function settingsOf(connection: Extract<ConnectionFile, { provider: "paykeeper" | "orange_data" }>, sellerInn: string | undefined): Record<string, unknown> | null {
  if (connection.provider === "paykeeper") return connection.settings;
  const inn = connection.settings.inn ?? connection.sellerInn ?? sellerInn;
  return inn === undefined ? null : { ...connection.settings, inn, key: connection.settings.key ?? inn };
}

/** Fills an empty database with the demo shop chain (README decision 12). Does nothing where any order or seller is. */
import { randomInt } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { pointSandboxHere, readSandboxCredentials, seedConnections } from "@/db/demo/connections.ts";
import { fillSandboxBase } from "@/db/demo/sandbox-base.ts";
import { seedHistory } from "@/db/demo/history.ts";
import { seedReconciliation } from "@/db/demo/reconciliation.ts";
import { seedParties } from "@/db/demo/parties.ts";
import { seedStaff } from "@/db/demo/staff.ts";
import type { DemoLogin } from "@/db/demo/staff.ts";
import type { Ctx } from "@/lib/context.ts";
import { requireEnv } from "@/lib/kit/env.ts";

/** What `npm run -s demo:credentials` tells; kept beside the data of this copy (mode 0600). */
export type DemoCredentials = { staff: DemoLogin[]; onec: { address: string; login: string; password: string }; json: { address: string; login: string; password: string }; bills: { address: string; login: string; password: string }; paykeeper: { notificationAddress: string; secretWord: string }; sandbox: Record<string, string> };

export const demoCredentialsFile = (dataDir: string): string => path.join(dataDir, "demo-credentials.json");

/** Without letters and digits that look alike. */
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const newPassword = (): string => Array.from({ length: 14 }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");

/** Run at every start of the demo: seeds when empty, and points the sandbox at this copy's address. */
export async function seedDemo(ctx: Ctx): Promise<void> {
  const dataDir = requireEnv("DATA_DIR");
  const { sql } = ctx.database;
  const [count] = await sql<{ n: bigint }[]>`select (select count(*) from seller_orgs) + (select count(*) from orders) as n`;
  const sandbox = await readSandboxCredentials(dataDir);
  if (count?.n === 0n) {
    console.log("Loading demo data…");
    const parties = await seedParties(ctx);
    const connections = await seedConnections(ctx, parties, sandbox);
    await writeCredentials(ctx, dataDir, await seedStaff(ctx, parties.onlineStoreId, newPassword), connections.acquirerDoor);
    await fillSandboxBase(sandbox, await seedHistory(ctx, parties, connections));
    await seedReconciliation(ctx, connections.acquirerId);
  }
  const [acquirer] = await sql<{ door: string }[]>`select door from connections where kind = 'acquirer' and provider = 'paykeeper' and environment = 'test' order by created_at limit 1`;
  if (!acquirer) return;
  await pointSandboxHere(sandbox, ctx.publicUrl, acquirer.door);
  await refreshAddresses(ctx, dataDir, acquirer.door);
}

async function writeCredentials(ctx: Ctx, dataDir: string, staff: DemoLogin[], door: string): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await writeFile(demoCredentialsFile(dataDir), JSON.stringify(await describe(ctx, dataDir, staff, door), null, 2), { mode: 0o600 });
}

/** Ports may differ between runs on one data folder. */
async function refreshAddresses(ctx: Ctx, dataDir: string, door: string): Promise<void> {
  const kept = await readFile(demoCredentialsFile(dataDir), "utf8").catch(() => null);
  if (kept !== null) await writeCredentials(ctx, dataDir, (JSON.parse(kept) as DemoCredentials).staff, door);
}

async function describe(ctx: Ctx, dataDir: string, staff: DemoLogin[], door: string): Promise<DemoCredentials> {
  const sandbox = await readSandboxCredentials(dataDir);
  return {
    staff,
    onec: { address: `${ctx.publicUrl}/bitrix/admin/1c_exchange.php`, login: sandbox.onec.login, password: sandbox.onec.password },
    json: { address: `${ctx.publicUrl}/api/1c/v1`, login: sandbox.bases["retail"]?.login ?? "", password: sandbox.bases["retail"]?.password ?? "" },
    bills: { address: ctx.publicUrl, login: sandbox.bills.login, password: sandbox.bills.password },
    paykeeper: { notificationAddress: `${ctx.publicUrl}/api/acquirers/${door}/notifications`, secretWord: sandbox.paykeeper.secretWord },
    sandbox: { home: `${sandbox.baseUrl}/`, paykeeper: `${sandbox.baseUrl}/paykeeper/`, bases: `${sandbox.baseUrl}/bases/`, onec: `${sandbox.baseUrl}/onec/`, shop: `${sandbox.baseUrl}/shop/`, json: `${sandbox.baseUrl}/json/retail/`, bills: `${sandbox.baseUrl}/bills/`, mail: `${sandbox.baseUrl}/mail/`, control: `${sandbox.baseUrl}/_ctl/` },
  };
}

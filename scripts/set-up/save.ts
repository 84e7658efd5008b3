/** Writes a checked set-up. Running the same file again changes nothing but the connection's settings and secrets. */
import type { Tx } from "@/db/index.ts";
import { recordAudit } from "@/lib/audit/index.ts";
import { createConnection, entranceMark, loadConnection, markEntrances } from "@/lib/connections/index.ts";
import { inTransaction } from "@/lib/context.ts";
import type { Ctx } from "@/lib/context.ts";
import { newId, newToken } from "@/lib/kit/ids.ts";
import { DAY_MS, addMs } from "@/lib/kit/time.ts";
import { newWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { baseSettings, changeChannel } from "@/lib/onec/index.ts";
import { addDirector } from "./add-director.ts";
import { findSeller, findStore } from "./find-parties.ts";
import { kindOf } from "./shape.ts";
import type { ConnectionFile, SetUp } from "./shape.ts";
import { SetUpRefused } from "./refused.ts";

export type SavedConnection = { connectionId: string; door: string; done: "created" | "changed" };
export type Saved = {
  /** One English line for each part that the file had. */
  lines: string[];
  connection: SavedConnection | null;
  /** Shown once; null when no director was made. */
  directorPassword: string | null;
  /** Secrets of a shop that we made, shown once. */
  madeSecrets: Record<string, string>;
};

/** Throws {@link SetUpRefused} when the file does not fit what is there; then nothing of it was written. */
export async function saveSetUp(ctx: Ctx, setUp: SetUp): Promise<Saved> {
  const lines: string[] = [];
  // What was saved before the database kept marks of tokens and keys must be known to it as well.
  await markEntrances(ctx);
  const place = await inTransaction(ctx, async (tx) => {
    // Two of these at once would both find no seller.
    await tx`lock table seller_orgs in share row exclusive mode`;
    if (setUp.seller) lines.push(await addSeller(ctx, tx, setUp.seller));
    if (setUp.store) lines.push(await addStore(ctx, tx, setUp, setUp.store));
    if (setUp.bankAccount) lines.push(await addBankAccount(ctx, tx, setUp, setUp.bankAccount));
    return setUp.connection ? placeOf(ctx, tx, setUp, setUp.connection) : null;
  });
  let connection: SavedConnection | null = null;
  let madeSecrets: Record<string, string> = {};
  if (setUp.connection && place) {
    connection = await saveConnection(ctx, setUp.connection, place, (made) => void (madeSecrets = made));
    lines.push(`connection «${setUp.connection.name}» ${connection.done} (${setUp.connection.environment}${setUp.connection.enabled ? "" : ", switched off"})`);
  }
  // Last: once its password exists it must reach the screen.
  const director = setUp.director ? await addDirector(ctx, setUp.director) : null;
  if (director) lines.push(director.line);
  return { lines, connection, directorPassword: director?.password ?? null, madeSecrets };
}

async function addSeller(ctx: Ctx, tx: Tx, seller: NonNullable<SetUp["seller"]>): Promise<string> {
  const [known] = await tx`select 1 from seller_orgs where inn = ${seller.inn} and kpp is not distinct from ${seller.kpp ?? null}`;
  if (known) return `seller ${seller.legalName} is there already, left as it is`;
  const sellerOrgId = newId();
  await tx`
    insert into seller_orgs (id, brand_name, legal_name, inn, kpp, ogrn, tax_system, address, phone, email, site_url, offer_url, privacy_url, director_name, accountant_name, created_at)
    values (${sellerOrgId}, ${seller.brandName}, ${seller.legalName}, ${seller.inn}, ${seller.kpp ?? null}, ${seller.ogrn ?? null}, ${seller.taxSystem}, ${seller.address}, ${seller.phone}, ${seller.email},
      ${seller.siteUrl}, ${seller.offerUrl ?? null}, ${seller.privacyUrl ?? null}, ${seller.directorName ?? null}, ${seller.accountantName ?? null}, ${ctx.now()})`;
  await recordAudit(ctx, tx, { action: "seller.created", objectType: "seller", objectId: sellerOrgId, after: { legalName: seller.legalName, inn: seller.inn } });
  return `seller ${seller.legalName} created`;
}

async function addStore(ctx: Ctx, tx: Tx, setUp: SetUp, store: NonNullable<SetUp["store"]>): Promise<string> {
  const sellerOrgId = await findSeller(tx, setUp);
  const [known] = await tx`select 1 from stores where seller_org_id = ${sellerOrgId} and name = ${store.name}`;
  if (known) return `store «${store.name}» is there already, left as it is`;
  const storeId = newId();
  await tx`insert into stores (id, seller_org_id, name, address, mode, created_at) values (${storeId}, ${sellerOrgId}, ${store.name}, ${store.address ?? null}, ${store.mode}, ${ctx.now()})`;
  await recordAudit(ctx, tx, { action: "store.created", objectType: "store", objectId: storeId, after: { name: store.name, mode: store.mode } });
  return `store «${store.name}» created`;
}

async function addBankAccount(ctx: Ctx, tx: Tx, setUp: SetUp, bank: NonNullable<SetUp["bankAccount"]>): Promise<string> {
  const sellerOrgId = await findSeller(tx, setUp);
  const known = await tx<{ account: string; bik: string }[]>`select account, bik from bank_accounts where seller_org_id = ${sellerOrgId}`;
  if (known.some((row) => row.account === bank.account && row.bik === bank.bik)) return `bank account ${bank.account} is there already, left as it is`;
  const accountId = newId();
  await tx`
    insert into bank_accounts (id, seller_org_id, bank_name, bik, account, corr_account, is_default)
    values (${accountId}, ${sellerOrgId}, ${bank.bankName}, ${bank.bik}, ${bank.account}, ${bank.corrAccount ?? null}, ${known.length === 0})`;
  await recordAudit(ctx, tx, { action: "bank_account.created", objectType: "bank_account", objectId: accountId, after: { bik: bank.bik, account: bank.account } });
  return `bank account ${bank.account} created`;
}

type Place = { sellerOrgId: string | null; storeId: string | null; settings: Record<string, unknown>; known: Known | null };
type Known = { connectionId: string; door: string; sellerOrgId: string | null; storeId: string | null };

/** Where a connection belongs, and which one it is when it is there already. */
async function placeOf(ctx: Ctx, tx: Tx, setUp: SetUp, connection: ConnectionFile): Promise<Place> {
  const { provider, name, environment } = connection;
  const kind = kindOf[provider];
  const sellerOrgId = provider === "paykeeper" || provider === "orange_data" ? await findSeller(tx, setUp) : null;
  const storeId = provider === "commerceml" || (provider === "shop" && connection.store !== undefined) ? await findStore(tx, setUp, connection.store) : null;
  const [known] = await tx<Known[]>`
    select id as connection_id, door, seller_org_id, store_id from connections where provider = ${provider} and name = ${name} and environment = ${environment} order by created_at limit 1`;
  if (known && (known.sellerOrgId !== sellerOrgId || known.storeId !== storeId)) throw new SetUpRefused("connection.name: stands at a connection of another seller or store");
  const given = Object.fromEntries(Object.entries(connection.secret).filter(([, value]) => value !== undefined)) as Record<string, string>;
  const mark = entranceMark(ctx, kind, given);
  const [taken] = mark === null ? [] : await tx<{ name: string }[]>`select name from connections where entrance_mark = ${mark} and id is distinct from ${known?.connectionId ?? null}`;
  if (taken) throw new SetUpRefused(`connection.secret.${kind === "shop" ? "apiKey" : "token"}: «${taken.name}» signs in with it; each base and each shop has its own`);
  const others = await tx<{ name: string; login: string | null; sellerOrgId: string | null; environment: string }[]>`
    select name, settings->>'login' as login, seller_org_id, environment from connections where kind = ${kind} and enabled and id is distinct from ${known?.connectionId ?? null}`;
  if (provider === "commerceml") {
    if (others.some((other) => other.login === connection.settings.login)) throw new SetUpRefused("connection.settings.login: another 1C base signs in with it");
  } else if (connection.enabled && provider !== "shop") {
    const rival = others.find((other) => other.sellerOrgId === sellerOrgId && (kind === "mail" || other.environment === environment));
    if (rival) throw new SetUpRefused(`connection: «${rival.name}» does this work already; only the older one would be used. Switch it off first ("enabled": false in its file)`);
  }
  return { sellerOrgId, storeId, settings: await settingsOf(tx, connection, sellerOrgId), known: known ?? null };
}

async function settingsOf(tx: Tx, connection: ConnectionFile, sellerOrgId: string | null): Promise<Record<string, unknown>> {
  if (connection.provider === "shop") return shopSettingsOf(tx, connection);
  if (connection.provider !== "orange_data") return connection.settings;
  const { settings } = connection;
  const [seller] = await tx<{ inn: string }[]>`select inn from seller_orgs where id = ${sellerOrgId}`;
  const inn = settings.inn ?? seller!.inn;
  if (connection.environment === "live" && inn !== seller!.inn) throw new SetUpRefused("connection.settings.inn: is not the INN of the seller; its receipts would be another company's");
  // The version of the format follows from the group (docs/providers/orange-data.md); a body of the other one is refused.
  return { ...settings, inn, key: settings.key ?? inn, ffd: settings.group.endsWith("_2") ? "1.2" : "1.05" };
}

/** A shop names its 1C base by the name of the connection; a base of the other world is none of its own. */
async function shopSettingsOf(tx: Tx, { settings, environment }: Extract<ConnectionFile, { provider: "shop" }>): Promise<Record<string, unknown>> {
  const { onec, ...rest } = settings;
  const [base, another] = await tx<{ id: string }[]>`
    select id from connections where kind = 'onec' and enabled and environment = ${environment} and (${onec ?? null}::text is null or name = ${onec ?? null}) order by created_at limit 2`;
  if (!base) throw new SetUpRefused(onec === undefined ? "connection.settings.onec: there is no enabled 1C base of this environment yet" : "connection.settings.onec: no enabled 1C base of this environment has this name");
  if (another) throw new SetUpRefused("connection.settings.onec: is missing, there are several 1C bases");
  return { ...rest, onecConnectionId: base.id };
}

/** Secrets of a shop that its file leaves out: what is there stays, a new one is made. */
async function shopSecrets(ctx: Ctx, given: Record<string, string>, known: Known | null, tell: (made: Record<string, string>) => void): Promise<Record<string, string>> {
  const kept = known ? (await loadConnection(ctx, known.connectionId)).secret : {};
  const before = { ...kept, ...given };
  const made = { ...(!before["apiKey"] && { apiKey: newToken() }), ...(!before["pushSecret"] && { pushSecret: newWebhookSecret() }) };
  tell(made);
  return { ...before, ...made };
}

async function saveConnection(ctx: Ctx, connection: ConnectionFile, { sellerOrgId, storeId, settings, known }: Place, tell: (made: Record<string, string>) => void): Promise<SavedConnection> {
  const { provider, name, environment, enabled } = connection;
  const given = Object.fromEntries(Object.entries(connection.secret).filter(([, value]) => value !== undefined)) as Record<string, string>;
  const secret = provider === "shop" ? await shopSecrets(ctx, given, known, tell) : given;
  const saved = known ?? (await createConnection(ctx, { kind: kindOf[provider], provider, name, sellerOrgId, storeId, environment, settings, secret }));
  if (!known && enabled) return { ...saved, done: "created" };
  const { sealed, keyId } = ctx.secrets.seal(JSON.stringify(secret));
  const isNewPassword = provider === "commerceml" && known !== null && (await loadConnection(ctx, saved.connectionId)).secret["password"] !== secret["password"];
  await inTransaction(ctx, async (tx) => {
    const unanswered = provider === "commerceml" ? await changeChannel(tx, saved.connectionId, baseSettings({ settings }).moneyChannel) : 0;
    if (unanswered > 0) throw new SetUpRefused(`connection.settings.moneyChannel: 1C was given ${unanswered} payments or new orders by the present channel and has not answered. Let it finish an exchange first, or it would book them twice`);
    // What the accountant chose for bills on the page «Обмен с 1С» stays unless the file says something else.
    await tx`
      update connections set settings = jsonb_strip_nulls(jsonb_build_object('paykeeper', settings->'paykeeper')) || ${JSON.stringify(settings)}::text::jsonb, secret_sealed = ${sealed}, secret_key_id = ${keyId}, entrance_mark = ${entranceMark(ctx, kindOf[provider], secret)}, enabled = ${enabled}, blocked_reason = null
       where id = ${saved.connectionId}`;
    // Who knew the old password must not go on by the cookie that it gave. No older than that: files of those sessions are loaded all the same.
    if (isNewPassword) await tx`update onec_sessions set last_seen_at = least(last_seen_at, ${addMs(ctx.now(), -DAY_MS)}::timestamptz) where connection_id = ${saved.connectionId}`;
    await recordAudit(ctx, tx, { action: "connection.changed", objectType: "connection", objectId: saved.connectionId, after: { name, settings, enabled } });
  });
  return { connectionId: saved.connectionId, door: saved.door, done: known ? "changed" : "created" };
}

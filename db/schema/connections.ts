import { sql } from "drizzle-orm";
import { boolean, index, integer, jsonb, pgTable, text, unique, uuid } from "drizzle-orm/pg-core";
import { queryFlavours } from "../../lib/onec/states.ts";
import { at, id, oneOf } from "./columns.ts";
import { sellerOrgs, stores } from "./parties.ts";

export const connectionKinds = ["acquirer", "register", "onec", "mail", "shop"] as const;
/** Doors of a 1C base, in the order in which they are its channel for money. */
export const moneyChannels = ["commerceml", "json", "paykeeper"] as const;
export const environments = ["test", "live"] as const;

/**
 * A link to the outside: bank, cash register, 1C base, mail, internet shop. `settings` holds what is not secret (base URL, INN, group …);
 * `secretSealed` is AES-256-GCM of a JSON object under key `secretKeyId` (README decision 10). `environment` marks
 * everything born from it (decision 13) and never changes.
 */
export const connections = pgTable(
  "connections",
  {
    id: id(),
    kind: text("kind", { enum: connectionKinds }).notNull(),
    provider: text("provider").notNull(),
    name: text("name").notNull(),
    /** Null: serves every seller organization (1C, mail). */
    sellerOrgId: uuid("seller_org_id").references(() => sellerOrgs.id),
    /** 1C: the store that its orders belong to. */
    storeId: uuid("store_id").references(() => stores.id),
    environment: text("environment", { enum: environments }).notNull(),
    /** The same as a mark: what is born from the connection refers to both columns, so test and live cannot meet (PIL-03). */
    isTest: boolean("is_test").notNull().generatedAlwaysAs(sql`environment = 'test'`),
    /** Unguessable part of the notification address. */
    door: text("door").notNull().unique(),
    settings: jsonb("settings").$type<Record<string, unknown>>().notNull(),
    secretSealed: text("secret_sealed"),
    secretKeyId: text("secret_key_id"),
    /** Keyed hash of the secret by which a 1C base (`token`) or a shop (`apiKey`) names itself: nobody else has it. Null = it has none, or is of before (`lib/connections/entrance.ts`). */
    entranceMark: text("entrance_mark").unique(),
    /**
     * The one channel by which money goes back to a 1C base, so that nothing is booked twice there: `settings.moneyChannel`, else the
     * first of `settings.doors`. Null for everything that is no base.
     */
    moneyChannel: text("money_channel", { enum: moneyChannels }).generatedAlwaysAs(
      sql`case when kind = 'onec' then coalesce(settings->>'moneyChannel', case
            when not settings ? 'doors' or settings->'doors' ? 'commerceml' then 'commerceml' when settings->'doors' ? 'json' then 'json' else 'paykeeper' end) end`,
    ),
    priority: integer("priority").notNull().default(0),
    enabled: boolean("enabled").notNull(),
    /** Set when the other side refuses our credentials: the queue waits, staff are alerted. */
    blockedReason: text("blocked_reason"),
    lastSeenAt: at("last_seen_at"),
    /** A 1C base that came back after a day: its first exchange was given nothing, so that its changes came in first (LOST-16). */
    importsFirstAt: at("imports_first_at"),
    /** A 1C base: how its last `query` was answered; a client that names its version gets its own form whatever the settings say (CML-30). */
    queryFlavour: text("query_flavour", { enum: queryFlavours }),
    createdAt: at("created_at").notNull(),
  },
  (t) => [
    index("connections_kind").on(t.kind, t.sellerOrgId),
    unique("connections_world").on(t.id, t.isTest),
    oneOf("connections_money_channel_known", t.moneyChannel, moneyChannels),
    oneOf("connections_query_flavour_known", t.queryFlavour, queryFlavours),
    oneOf("connections_kind_known", t.kind, connectionKinds),
    oneOf("connections_environment_known", t.environment, environments),
  ],
);

import { boolean, index, inet, integer, jsonb, pgTable, text, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { roles } from "../../lib/auth/roles.ts";
import { at, id, oneOf } from "./columns.ts";
import { stores } from "./parties.ts";

export const staffUsers = pgTable(
  "staff_users",
  {
    id: id(),
    /** Lower-cased. */
    email: text("email").notNull(),
    name: text("name").notNull(),
    role: text("role", { enum: roles }).notNull(),
    /** Manager and operator see their own store only (domain 8.4). */
    storeId: uuid("store_id").references(() => stores.id),
    passwordHash: text("password_hash").notNull(),
    /** Sealed TOTP secret; null = second factor not set up. */
    totpSealed: text("totp_sealed"),
    totpKeyId: text("totp_key_id"),
    /** Last accepted TOTP step: a code works once. */
    totpLastStep: integer("totp_last_step"),
    isActive: boolean("is_active").notNull(),
    theme: text("theme", { enum: ["system", "light", "dark"] }).notNull().default("system"),
    createdAt: at("created_at").notNull(),
  },
  (t) => [uniqueIndex("staff_users_email").on(t.email), oneOf("staff_users_role_known", t.role, roles)],
);

/** Signed-in sessions; the JWT only names one, every request checks the row (README decision 14). */
export const sessions = pgTable(
  "sessions",
  {
    id: id(),
    userId: uuid("user_id").notNull().references(() => staffUsers.id),
    createdAt: at("created_at").notNull(),
    lastSeenAt: at("last_seen_at").notNull(),
    expiresAt: at("expires_at").notNull(),
    revokedAt: at("revoked_at"),
    ip: text("ip"),
    userAgent: text("user_agent"),
  },
  (t) => [index("sessions_user").on(t.userId)],
);

/** Who changed what, in the transaction of the change (SEC-14). Append-only. */
export const auditLog = pgTable(
  "audit_log",
  {
    id: id(),
    at: at("at").notNull(),
    /** `system`, `onec:<connection>`, or `staff:<id>`. */
    actor: text("actor").notNull(),
    role: text("role"),
    ip: inet("ip"),
    action: text("action").notNull(),
    objectType: text("object_type").notNull(),
    objectId: text("object_id").notNull(),
    before: jsonb("before"),
    after: jsonb("after"),
    reason: text("reason"),
  },
  (t) => [index("audit_log_object").on(t.objectType, t.objectId), index("audit_log_at").on(t.at)],
);

/** Signs of life of workers (ALR-27, /api/health). */
export const heartbeats = pgTable("heartbeats", {
  name: text("name").primaryKey(),
  at: at("at").notNull(),
  version: text("version").notNull(),
  pid: integer("pid").notNull(),
});

/** Counters of wrong sign-ins, per account and per address; written by rate-limiter-flexible. Rows of the past are deleted. */
export const throttles = pgTable("throttles", {
  key: text("key").primaryKey(),
  points: integer("points").notNull(),
  expire: at("expire"),
});

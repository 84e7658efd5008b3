/** What every verb gets: the database, the clock, who acts, and what follows from its facts. */
import type { Database, Tx } from "@/db/index.ts";
import type { Enqueue, JobWrite } from "@/lib/jobs/enqueue.ts";
import type { Logger } from "@/lib/kit/log.ts";
import type { SecretBox } from "@/lib/kit/secret-box.ts";
import type { Role } from "@/lib/auth/roles.ts";
import type { DomainEvent } from "@/lib/events.ts";

export type Actor =
  | { kind: "system" }
  | { kind: "buyer"; ip: string | null }
  | { kind: "provider"; ip: string | null }
  | { kind: "onec"; connectionId: string }
  | { kind: "shop"; connectionId: string }
  | { kind: "staff"; userId: string; role: Role; storeId: string | null; ip: string | null };

export type Ctx = {
  database: Database;
  now(): Date;
  /** The shop's zone for days and deadlines. */
  zone: string;
  actor: Actor;
  log: Logger;
  secrets: SecretBox;
  /** Where buyers reach us, without a trailing slash. */
  publicUrl: string;
  enqueue: Enqueue;
  jobWrite: JobWrite;
  /** Runs, inside the transaction, what must be written because of this event (README decision 1). */
  announce(ctx: Ctx, tx: Tx, event: DomainEvent): Promise<unknown>;
  /** Tells open pages that an order changed: a hint after commit, lost without harm. */
  hint(orderId: string): void;
};

/** The actor as rows store it. */
export function actorText(actor: Actor): string {
  switch (actor.kind) {
    case "staff":
      return `staff:${actor.userId}`;
    case "onec":
      return `onec:${actor.connectionId}`;
    case "shop":
      return `shop:${actor.connectionId}`;
    default:
      return actor.kind;
  }
}

export const actingAs = (ctx: Ctx, actor: Actor): Ctx => ({ ...ctx, actor });

/** One database transaction. Nothing is called over the network inside. */
export function inTransaction<T>(ctx: Ctx, work: (tx: Tx) => Promise<T>): Promise<T> {
  return ctx.database.sql.begin((tx) => work(tx as Tx)) as Promise<T>;
}

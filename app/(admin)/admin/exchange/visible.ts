import { requireWorld } from "../../session/world.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { notFound } from "@/lib/kit/errors.ts";
import { isConflictVisible, readMessage } from "@/lib/onec/inbox/index.ts";

/** Throws `not_found` for a message of the other world, or of a store that is not this person's. */
export async function assertExchangeVisible(messageId: string): Promise<void> {
  const scope = await requireWorld();
  if (!(await readMessage(scope.ctx, scope, messageId))) throw notFound("Сообщение не найдено");
}

/** The same of a conflict. */
export async function assertConflictVisible(conflictId: string): Promise<void> {
  const scope = await requireWorld();
  if (!(await isConflictVisible(scope.ctx, scope, conflictId))) throw notFound("Конфликт не найден");
}

/** Throws `not_found` for a connection of the other world. */
export async function assertConnectionOfWorld(connectionId: string): Promise<void> {
  const { ctx, isTest } = await requireWorld();
  if ((await loadConnection(ctx, connectionId)).environment !== (isTest ? "test" : "live")) throw notFound("Подключение не найдено");
}

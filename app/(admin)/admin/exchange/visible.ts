import { requireWorld } from "../../session/world.ts";
import { notFound } from "@/lib/kit/errors.ts";
import { readMessage } from "@/lib/onec/inbox/index.ts";

/** Throws `not_found` for a message of the other world, or of a store that is not this person's. */
export async function assertExchangeVisible(messageId: string): Promise<void> {
  const scope = await requireWorld();
  if (!(await readMessage(scope.ctx, scope, messageId))) throw notFound("Сообщение не найдено");
}

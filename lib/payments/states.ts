/** Payment links (2.3) and payment attempts (2.4): the states, the allowed moves, the words. Pure. */

export const linkStates = ["active", "fulfilled", "expired", "revoked", "superseded"] as const;
export type LinkState = (typeof linkStates)[number];

export const linkStateLabels: Record<LinkState, string> = {
  active: "Действует",
  fulfilled: "Выполнена",
  expired: "Срок истёк",
  revoked: "Отозвана",
  superseded: "Заменена новой",
};

export const attemptStates = ["created", "unknown", "pending", "authorized", "succeeded", "failed", "canceled", "expired"] as const;
export type AttemptState = (typeof attemptStates)[number];

/** May still bring money; at most one such attempt per order that is not superseded (PAY-14). */
export const liveAttemptStates = ["created", "unknown", "pending", "authorized"] as const satisfies readonly AttemptState[];
export const isLive = (state: AttemptState): boolean => (liveAttemptStates as readonly AttemptState[]).includes(state);

export const attemptStateLabels: Record<AttemptState, string> = {
  created: "Создан",
  unknown: "Результат неизвестен",
  pending: "Ждёт подтверждения",
  authorized: "Деньги заблокированы",
  succeeded: "Успешно",
  failed: "Отклонён",
  canceled: "Отменён",
  expired: "Истёк",
};

/** The table of 2.4. A missing pair is stale news: stored and ignored (PAY-11), never a silent overwrite. */
const moves: Record<AttemptState, readonly AttemptState[]> = {
  created: ["pending", "failed", "unknown", "authorized", "succeeded", "canceled", "expired"],
  unknown: ["pending", "authorized", "succeeded", "failed", "canceled", "expired"],
  pending: ["authorized", "succeeded", "failed", "canceled", "expired"],
  authorized: ["succeeded", "canceled", "expired"],
  succeeded: [],
  // Late success: money is still money (LOST-05).
  failed: ["succeeded"],
  canceled: ["succeeded"],
  expired: ["succeeded"],
};
export const canMove = (from: AttemptState, to: AttemptState): boolean => moves[from].includes(to);
export const statesLeadingTo = (to: AttemptState): AttemptState[] => attemptStates.filter((from) => canMove(from, to));

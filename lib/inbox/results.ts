/** What became of a message received: applied, refused, known already, waiting for its order, or not authentic. */
export const inboxResults = ["received", "applied", "rejected", "ignored_stale", "orphan", "forged"] as const;
export type InboxResult = (typeof inboxResults)[number];

export const inboxResultLabels: Record<InboxResult, string> = {
  received: "Получено",
  applied: "Применено",
  rejected: "Отклонено",
  ignored_stale: "Без изменений",
  orphan: "Без заказа",
  forged: "Подпись неверна",
};

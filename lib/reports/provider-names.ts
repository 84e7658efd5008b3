/** Names of providers as people write them; an unknown code is shown as it is. */
const names: Record<string, string> = { paykeeper: "PayKeeper", orange_data: "Orange Data", commerceml: "1С", smtp: "Почта" };

export const providerName = (code: unknown): string => (typeof code === "string" ? (names[code] ?? code) : "Банк");

/** Why a payment was refused, for staff (classes of ux.md 6.1). */
export const declineReasons: Record<string, string> = {
  no_money: "не хватило денег",
  three_ds: "не подтверждён кодом банка",
  card_data: "неверные данные карты",
  expired_card: "срок карты истёк",
  limit: "превышен лимит",
  blocked: "банк отклонил без причины",
  suspicion: "отклонён проверкой безопасности",
  foreign: "карты этой страны не принимаются",
  not_finished: "покупатель не закончил оплату",
  technical: "технический сбой",
};

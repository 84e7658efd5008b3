/** How each way to pay is called; codes are those of attempts, plus the company's invoice. No node imports: islands use it. */
export type PayMethodCode = "card" | "sbp" | "invoice";

export const methodTexts: Record<PayMethodCode, { title: string; line: string; mark: string }> = {
  sbp: { title: "СБП", line: "Без комиссии, через приложение банка", mark: "сбп" },
  card: { title: "Банковская карта", line: "Мир, Visa, Mastercard", mark: "мир" },
  invoice: { title: "Счёт для организации", line: "Для юрлиц и ИП, оплата переводом", mark: "pdf" },
};

/** A down method is moved last and says so; it may still be chosen. */
export const downLine = (code: PayMethodCode): string => `${code === "card" ? "Оплата картой" : "СБП"} сейчас работает с перебоями`;

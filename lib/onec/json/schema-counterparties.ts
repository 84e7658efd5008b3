/** POST /counterparties: buyers with their terms. */
import { z } from "zod";
import { contactFields, deferral, verdict } from "./schema-order.ts";
import { amount, guid } from "./values.ts";

export const COUNTERPARTIES_MAX = 200;
const notAList = { error: () => "нужен массив" };

export const CounterpartyRequest = z
  .object(
    {
      id: guid("Контрагент в 1С. Обязателен."),
      ...contactFields,
      deferral: deferral.nullable().optional().meta({ description: "Отсрочка по договору. null: без отсрочки. У заказа может быть своя." }),
      creditLimit: amount("Кредитный лимит. null: не задан."),
    },
    { error: () => "нужен объект" },
  )
  .meta({ id: "Counterparty", description: "Контрагент. Поля, которых нет, сохраняют значение; null очищает." });
export type CounterpartyRequest = z.output<typeof CounterpartyRequest>;

export const CounterpartiesRequest = z.object({ counterparties: z.array(CounterpartyRequest, notAList).max(COUNTERPARTIES_MAX) }).meta({ id: "CounterpartiesRequest" });

export const CounterpartiesAnswer = z
  .object({
    accepted: z.int(),
    rejected: z.int(),
    warnings: z.array(z.string()),
    results: z.array(
      z
        .object({
          id: z.string(), siteId: z.string(), name: z.string(), status: z.enum(["created", "updated", "unchanged", "rejected"]),
          ordersMoved: z.int().meta({ description: "У скольких неоплаченных заказов изменился срок оплаты." }), ...verdict,
        })
        .meta({ id: "CounterpartyResult" }),
    ),
  })
  .meta({ id: "CounterpartiesAnswer" });
export type CounterpartiesAnswer = z.output<typeof CounterpartiesAnswer>;

/** PUT, GET and DELETE /documents/{guid}. */
import { z } from "zod";
import { documentKinds } from "@/lib/documents/states.ts";

const text = z.string();

export const DocumentAnswer = z
  .object({
    id: text.meta({ description: "GUID документа 1С." }),
    status: z.enum(["created", "updated", "unchanged", "stored", "hidden"]).meta({ description: "Что сделал этот вызов; у GET: stored или hidden." }),
    kind: z.enum(documentKinds),
    number: text,
    date: text,
    amount: text.meta({ description: 'Рубли с двумя знаками или пусто.' }),
    orderId: text.meta({ description: "Заказ: документ 1С; пусто, пока заказа нет на сайте." }),
    orderNumber: text,
    orderRef: text.meta({ description: "Заказ, как его назвали в запросе." }),
    counterpartyId: text,
    visibleToBuyer: z.boolean().meta({ description: "Виден на странице заказа покупателя." }),
    version: z.int(),
    versions: z.array(z.object({ version: z.int(), mime: text, size: z.int(), sha256: text, number: text, date: text, amount: text, receivedAt: text, receivedAtLocal: text }).meta({ id: "DocumentVersion" })),
    warnings: z.array(text),
    msg: text,
  })
  .meta({ id: "DocumentAnswer" });
export type DocumentAnswer = z.output<typeof DocumentAnswer>;

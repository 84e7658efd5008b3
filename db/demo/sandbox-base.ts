/** The pretended 1C knows the demo orders too: a payment that goes out finds its order there. */
import type { SandboxCredentials } from "./connections.ts";
import type { DemoOrder } from "./order-xml.ts";
import { orderLineId } from "./order-xml.ts";
import { rublesText } from "@/lib/kit/money.ts";

function inBase(order: DemoOrder): Record<string, unknown> {
  const { buyer } = order;
  return {
    id: order.guid,
    number: order.onecNumber,
    siteNumber: order.number,
    kind: "person" in buyer ? "person" : "company",
    buyer:
      "person" in buyer
        ? { id: buyer.guid, kind: "person", name: buyer.person, fullName: buyer.person }
        : { id: buyer.company.guid, kind: "company", name: buyer.company.name, fullName: buyer.company.official, inn: buyer.company.inn, kpp: buyer.company.kpp ?? "" },
    lines: order.lines.map(({ item, quantity }, i) => ({
      id: orderLineId(item, i), article: item.sku, name: item.name, kind: item.service ? "Услуга" : "Товар", price: rublesText(BigInt(item.priceKopecks)), vat: String(item.vat), quantity: String(quantity),
    })),
    comment: "",
    posted: true,
    at: `${order.at}+03:00`,
    sent: true,
  };
}

export async function fillSandboxBase(sandbox: SandboxCredentials, orders: readonly DemoOrder[]): Promise<void> {
  await tell(sandbox, "onec/orders", { orders: orders.map(inBase) });
  // The other bases have something to send when somebody presses «Обмен» there.
  await tell(sandbox, "json/retail/orders", { orders: [{ kind: "person" }, { kind: "company", deferral: { kind: "calendarDays", days: 14, from: "shipment" } }] });
  await tell(sandbox, "onec/unf/orders", { orders: [{ kind: "company" }] });
  await tell(sandbox, "bills/rows", { rows: [{}] });
}

async function tell(sandbox: SandboxCredentials, call: string, body: Record<string, unknown>): Promise<void> {
  const answer = await fetch(`${sandbox.baseUrl}/_ctl/${call}`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`the sandbox refused ${call}: ${answer.status} ${(await answer.text()).slice(0, 200)}`);
}

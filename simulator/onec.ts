/** 1C as one base: makes, edits and cancels orders, takes our answers and books what it reads, and sometimes dies in between. */
import { actingAs } from "@/lib/context.ts";
import { loadConnection } from "@/lib/connections/index.ts";
import { ackChanges, readChanges } from "@/lib/feed/index.ts";
import type { FeedItem } from "@/lib/feed/index.ts";
import { parseRubles } from "@/lib/kit/money.ts";
import { answerQuery } from "@/lib/onec/answer-query.ts";
import { baseSettings } from "@/lib/onec/base-settings.ts";
import { confirmTaken } from "@/lib/onec/confirm-taken.ts";
import { openSession } from "@/lib/onec/sessions.ts";
import type { OnecState, OrderDraft } from "@/lib/onec/wire/index.ts";
import type { OnecOperation } from "@/lib/onec/wire/order-draft.ts";
import { takeOrders } from "@/lib/orders/take-orders.ts";
import { aCompany, aDraft, aLine, aPerson, changed } from "@/lib/testing/drafts.ts";
import { ProcessCrash } from "./crash.ts";
import type { World } from "./world.ts";

export type OnecOrder = { draft: OrderDraft; orderId: string | null; phone: string; isShipped: boolean; isGone: boolean; booked: Map<string, bigint>; confirmed: Set<string>; /** What the last answer of ours said; null: it never had one. */ told: { isPaid: boolean; totalKopecks: bigint } | null };

const noMarks = {
  onecNumber: null, onecDateLocal: null, posted: true, deleted: null, cancelled: null, paid: true, shipped: null, final: null, paymentNumber: null, paymentDateLocal: null, shipmentNumber: null,
  shipmentDateLocal: null, statusText: null, statusId: null, paymentMethod: null, paymentMethodId: null, bankDocumentNumber: null, receiptNumber: null, refund: null,
};

/** `meanwhile`: what happens while 1C works on an answer of ours. */
export function createOnec(world: World, meanwhile: () => Promise<void>) {
  const { random, clock, shop, crashes, faults } = world;
  const orders = new Map<string, OnecOrder>();
  /** Documents that the next upload brings, by number. */
  const toUpload = new Set<string>();
  let lastNo = 0;
  let lastDocument = 0;
  /** A payment of ours that 1C has booked under another order as well, or with another sum. */
  const contradictions: string[] = [];

  function makeOrder(): OnecOrder {
    const number = `S-${++lastNo}`;
    const lines = Array.from({ length: random.between(1, 4) }, (_, i) => ({ ...aLine({ position: i + 1, name: `Товар ${random.below(500)}`, sumKopecks: BigInt(random.between(1, 900_000)) }), ref: `item-${number}-${i}` }));
    const phone = `+7999${String(1_000_000 + lastNo)}`;
    const buyer = random.chance(0.12) ? aCompany({ phone }) : aPerson({ phone });
    const order: OnecOrder = { draft: aDraft({ number, lines, buyer }), orderId: null, phone, isShipped: false, isGone: false, booked: new Map(), confirmed: new Set(), told: null };
    orders.set(number, order);
    toUpload.add(number);
    return order;
  }

  const change = (order: OnecOrder, given: Parameters<typeof changed>[1]) => {
    order.draft = changed(order.draft, given);
    toUpload.add(order.draft.number);
  };

  /** A manager changes a line, drops one, or adds one. */
  function edit(order: OnecOrder): void {
    if (order.isGone || order.isShipped) return;
    const lines = [...order.draft.lines];
    const what = random.below(3);
    if (what === 0 && lines.length > 1) lines.splice(random.below(lines.length), 1);
    else if (what === 1) lines.push({ ...aLine({ position: lines.length + 10, name: `Товар ${random.below(500)}`, sumKopecks: BigInt(random.between(1, 300_000)) }), ref: `item-${order.draft.number}-${clock.nowMs}` });
    else {
      const at = random.below(lines.length);
      lines[at] = { ...lines[at]!, ...aLine({ position: lines[at]!.position, name: lines[at]!.name, sumKopecks: BigInt(random.between(1, 900_000)) }), ref: lines[at]!.ref };
    }
    change(order, { lines });
  }

  const setState = (order: OnecOrder, state: Partial<OnecState>) => change(order, { state });

  /** Uploads what changed. A process that dies in the middle is asked again at the next exchange. */
  async function upload(): Promise<void> {
    const batch = [...toUpload].slice(0, 50).map((number) => orders.get(number)!);
    if (batch.length === 0) return;
    const results = await takeOrders(world.ctx, { id: shop.onecId, storeId: shop.storeId, environment: "test" }, batch.map((order) => order.draft));
    // A dead process answered nothing, whatever its verb made of the error.
    if (crashes.isDead()) throw new ProcessCrash();
    for (const [i, result] of results.entries()) {
      const order = batch[i]!;
      if (result.orderId) order.orderId = result.orderId;
      toUpload.delete(order.draft.number);
    }
  }

  /** Reads our answer as УНФ does: a payment document per id; the same id again changes nothing. */
  function book(xml: string): void {
    for (const [document] of xml.matchAll(/<Документ>[\s\S]*?<\/Документ>/g)) {
      const number = /<Номер>([^<]*)<\/Номер>/.exec(document)?.[1] ?? "";
      const order = orders.get(number);
      if (!order) continue;
      order.told = { isPaid: /<Наименование>Заказ оплачен<\/Наименование>\s*<Значение>([^<]*)</.exec(document)?.[1] === "true", totalKopecks: parseRubles(/<Сумма>([^<]*)<\/Сумма>/.exec(document)![1]!) };
      for (const [, payment] of document.matchAll(/<ПодчиненныйДокумент>([\s\S]*?)<\/ПодчиненныйДокумент>/g)) {
        const id = /<Ид>([^<]*)<\/Ид>/.exec(payment!)?.[1] ?? "";
        const sum = parseRubles(/<Сумма>([^<]*)<\/Сумма>/.exec(payment!)?.[1] ?? "");
        const known = order.booked.get(id);
        if (known !== undefined && known !== sum) contradictions.push(`${id}: ${known} and ${sum}`);
        order.booked.set(id, sum);
        if (order.confirmed.has(id) || random.chance(0.1)) continue;
        order.confirmed.add(id);
        const operation: OnecOperation = {
          ref: id, number: id, operation: /<ХозОперация>([^<]*)</.exec(payment!)?.[1] ?? "", createdLocal: null, totalKopecks: sum, baseRef: null, container: null,
          marks: { ...noMarks, paymentNumber: `УТ-${++lastDocument}` }, lines: [],
        };
        change(order, { operations: [...order.draft.operations, operation] });
      }
    }
  }

  /** A programmer's 1C: it looks for the key of an event before it books, and takes the balance as the last word. */
  function bookEvents(items: readonly FeedItem[]): { key: string; number: string }[] {
    const documents: { key: string; number: string }[] = [];
    for (const item of items) {
      const { order: about, payment, balance } = item as FeedItem & { order: { number: string; total: string }; payment: { id: string; amount: string } | null; balance: { paid: string; refunded: string } };
      const order = orders.get(about.number);
      if (!order) continue;
      const left = parseRubles(balance.paid) - parseRubles(balance.refunded);
      order.told = { isPaid: left > 0n && left >= parseRubles(about.total), totalKopecks: parseRubles(about.total) };
      if (item.type !== "payment.succeeded") continue;
      const [id, sum] = [`P-${payment!.id}`, parseRubles(payment!.amount)];
      const known = order.booked.get(id);
      if (known !== undefined && known !== sum) contradictions.push(`${id}: ${known} and ${sum}`);
      order.booked.set(id, sum);
      documents.push({ key: item.key, number: `УТ-${++lastDocument}` });
    }
    return documents;
  }

  async function fetchChanges(): Promise<void> {
    const ctx = actingAs(world.ctx, { kind: "onec", connectionId: shop.onecId });
    for (let round = 0; round < 200; round++) {
      const { items, cursor } = await readChanges(ctx, shop.onecId, { since: null, limit: random.between(1, 30) });
      if (items.length === 0) return;
      const documents = bookEvents(items);
      if (faults.isOn && !crashes.isDead() && random.chance(0.3)) await meanwhile();
      // 1C dies after it has booked and before it says so.
      if (faults.isOn && random.chance(0.08)) return;
      await ackChanges(ctx, shop.onecId, { cursor, ...(random.chance(0.5) && { documents }) });
    }
  }

  /** One session: imports first, then money (LOST-16). */
  async function exchange(): Promise<void> {
    crashes.arm(faults.isOn && random.chance(0.03) ? random.between(1, 120) : null);
    try {
      while (toUpload.size > 0) await upload();
      if (world.isJson) return await fetchChanges();
      const base = await loadConnection(world.ctx, shop.onecId);
      const ctx = actingAs(world.ctx, { kind: "onec", connectionId: shop.onecId });
      const { sessionId } = await openSession(ctx, shop.onecId, "sale");
      for (let round = 0; round < 50; round++) {
        const { xml, count } = await answerQuery(ctx, { sessionId, base }, baseSettings(base), "unf");
        if (count === 0) break;
        book(xml);
        // Money and edits do not wait for 1C (CML-16).
        if (faults.isOn && !crashes.isDead() && random.chance(0.3)) await meanwhile();
        // 1C dies after it has booked and before it says so.
        if (faults.isOn && random.chance(0.08)) break;
        await confirmTaken(ctx, { sessionId, base });
      }
    } catch (error) {
      if (!(error instanceof ProcessCrash) && !crashes.isDead()) throw error;
    } finally {
      crashes.arm(null);
    }
  }

  return { orders, contradictions, makeOrder, edit, setState, exchange, waits: () => toUpload.size };
}
export type Onec = ReturnType<typeof createOnec>;

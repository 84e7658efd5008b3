/** Packages of POST /orders as a base of 1C sends them, for tests of what they say and of the door (json-api.md 3). */
import { expect } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { OrdersAnswer } from "@/lib/onec/json/schema-order.ts";
import type { TestContext } from "./context.ts";
import type { TestShop } from "./factories.ts";
import { jsonClient } from "./json-client.ts";
import { openOwnBases } from "./own-bases.ts";

/** An order of a package; `undefined` fields are absent. */
export type Order = Record<string, unknown>;
type Result = OrdersAnswer["results"][number];
type OrderRow = {
  id: string; number: string; onecNumber: string | null; revisionNo: number; comment: string | null; lifecycle: string; isPosted: boolean; onecVersion: bigint | null; payMethods: string[] | null; payUntil: Date | null; dueDate: string | null;
  orderDate: Date; contact: string | null; totalKopecks: bigint; buyerName: string; payerKind: string; counterpartyId: string | null; onecShipmentAt: Date | null; capturedKopecks: bigint;
};

type OrderBase = ReturnType<typeof jsonClient> & {
  login: string;
  shop: TestShop;
  /** Sends a package that is taken (200) and checks the answer against its schema. */
  send(...orders: Order[]): Promise<OrdersAnswer>;
  /** Sends one order and gives its result. */
  one(order: Order): Promise<Result>;
};

export type OrderBases = TestContext & {
  seller: TestShop;
  bankId: string;
  /** A base of its own, with its client. */
  aBase(settings?: Record<string, unknown>): Promise<OrderBase>;
  /** The row of the order that 1C knows by this GUID. */
  rowOf(guid: unknown): Promise<OrderRow | undefined>;
};

/** Call once per file in `beforeAll`; close in `afterAll`. Saturday, 15:30 in Moscow. */
export async function openOrderBases(): Promise<OrderBases> {
  const { t, seller, bankId, newBase } = await openOwnBases("json", { at: "2026-11-21T12:30:00Z", settings: { doors: ["json"] } });
  return {
    ...t,
    seller,
    bankId,
    async aBase(settings = {}) {
      const { connectionId, storeId, login } = await newBase(settings);
      const client = jsonClient(t, login);
      const send = async (...orders: Order[]): Promise<OrdersAnswer> => {
        const { status, json } = await client.post<OrdersAnswer>("/orders", { orders });
        expect(status).toBe(200);
        return OrdersAnswer.parse(json);
      };
      const one = async (order: Order): Promise<Result> => (await send(order)).results[0]!;
      return { ...client, login, shop: { ...seller, storeId, onecId: connectionId }, send, one };
    },
    async rowOf(guid) {
      const [row] = await t.ctx.database.sql<OrderRow[]>`select * from orders where onec_guid = ${String(guid)}`;
      return row;
    },
  };
}

export const anItem = (given: Order = {}): Order => ({ line: 1, id: newId(), name: "Краска акриловая 2,5 л", quantity: 1, price: 1220, amount: 1220, vatRate: "22", ...given });
let numbers = 0;
/** A new order of one line, 1 220.00. */
export const anOrder = (given: Order = {}): Order => ({ id: newId(), version: 1, number: `УТ00-${++numbers}`, date: "2026-11-21T15:10:00", amount: 1220, items: [anItem()], ...given });

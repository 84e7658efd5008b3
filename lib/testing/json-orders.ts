/** Orders, hand-overs and returns as a base of 1C tells of them by JSON, for tests of that door. */
import { expect } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { GoodsAnswer } from "@/lib/onec/json/schema-goods.ts";
import { OrderAnswer } from "@/lib/onec/json/schema-money.ts";
import type { OrdersAnswer } from "@/lib/onec/json/schema-order.ts";
import { jsonClient } from "./json-client.ts";
import { openOwnBases } from "./own-bases.ts";
import type { OwnBases } from "./own-bases.ts";

export type JsonBase = ReturnType<typeof jsonClient> & { connectionId: string };
export type JsonBases = Omit<OwnBases, "newBase"> & {
  /** A base of its own, with its client. */
  aBase(settings?: Record<string, unknown>): Promise<JsonBase>;
};

/** A seller with a bank whose bases come by JSON. */
export async function openJsonBases(): Promise<JsonBases> {
  const { newBase, ...own } = await openOwnBases("json", { settings: { doors: ["json"] } });
  return {
    ...own,
    async aBase(settings = {}) {
      const { connectionId, login } = await newBase(settings);
      return { ...jsonClient(own.t, login), connectionId };
    },
  };
}

let numbers = 0;
export const boards = newId();
export const screws = newId();

/** Four boards at 500 and three packs of screws at 100.01. */
export async function anOrder(base: JsonBase, given: Record<string, unknown> = {}): Promise<{ id: string; number: string; siteId: string }> {
  const id = newId();
  const number = `УТ00-${++numbers}`;
  const items = [
    { line: 1, id: boards, name: "Доска", quantity: 4, price: 500, amount: 2000, vatRate: "22" },
    { line: 2, id: screws, characteristicId: boards, name: "Саморез", quantity: 3, price: "100.01", amount: "300.03", vatRate: "22" },
  ];
  const { json } = await base.post<OrdersAnswer>("/orders", { orders: [{ id, number, date: "2026-11-20T10:00:00", amount: "2300.03", items, ...given }] });
  expect(json.results[0]).toMatchObject({ status: "created" });
  return { id, number, siteId: json.results[0]!.siteId };
}

export const ship = async (base: JsonBase, ...shipments: Record<string, unknown>[]) => GoodsAnswer.parse((await base.post("/shipments", { shipments })).json).results;
export const giveBack = async (base: JsonBase, ...returns: Record<string, unknown>[]) => GoodsAnswer.parse((await base.post("/returns", { returns })).json).results;
export const stateOf = async (base: JsonBase, guid: string) => {
  const { status, json } = await base.get(`/orders/${guid}`);
  expect(status).toBe(200);
  return OrderAnswer.parse(json);
};

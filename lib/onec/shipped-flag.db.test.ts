/** «Отгружен» of УНФ, which says false all along of what something else told of: what it takes back, and what it asks people about (commerceml.md 8). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { newId } from "@/lib/kit/ids.ts";
import { listShipments } from "@/lib/shipments/list-shipments.ts";
import { aDraft, aLine, aStatus, anOperation, changed, upload } from "@/lib/testing/drafts.ts";
import { openFileExchange } from "@/lib/testing/file-exchange.ts";
import type { FileExchange } from "@/lib/testing/file-exchange.ts";
import type { TestShop } from "@/lib/testing/factories.ts";
import type { OnecState } from "./wire/order-draft.ts";

let t: FileExchange;
let shop: TestShop;
beforeAll(async () => {
  t = await openFileExchange();
  ({ shop } = await t.aBase({ flavour: "unf", statusMap: { Отгружен: "shipped", Завершен: "completed" } }));
});
afterAll(() => t.close());

const alertsOf = async (orderId: string) => (await t.ctx.database.sql<{ title: string }[]>`select title from alerts where order_id = ${orderId} and code = 'ALR-16' and state <> 'resolved' order by first_at, id`).map((alert) => alert.title.replaceAll("\u00A0", " "));
const ply = { ...aLine({ name: "Фанера", sumKopecks: 100_000n }), quantity: "10", priceKopecks: 10_000n };
const hasShipped = async (state: Partial<OnecState>) => {
  const draft = aDraft({ lines: [ply], state });
  const [made] = await upload(t, shop, draft);
  return { draft, id: made!.orderId! };
};
const showing = async (id: string) => [(await listShipments(t.ctx, id)).map((each) => [each.totalKopecks, each.withdrawnAt === null]), (await t.ctx.database.sql`select lifecycle from orders where id = ${id}`)[0]!["lifecycle"], await alertsOf(id)];
const flag = { shipped: { number: null, dateLocal: null, byFlag: true } };
const off = { shipped: null, unshipped: true };

test("commerceml.md 8: «Отгружен» false takes back only what the same flag told of, never of an order that 1C is done with; the documents of its upload count then", async () => {
  // The base's status told of it, and УНФ says the flag with every upload.
  for (const [next, lifecycle] of [["Завершен", "completed"], ["Доставлен", "shipped"]] as const) {
    const { draft, id } = await hasShipped({ statusText: "Отгружен", unshipped: true });
    await upload(t, shop, changed(draft, { state: { statusText: next, unshipped: true } }));
    expect(await showing(id)).toEqual([[[100_000n, true]], lifecycle, []]);
  }
  // 1C is done with the order.
  const done = await hasShipped(flag);
  await upload(t, shop, changed(done.draft, { state: { ...off, final: true } }));
  expect(await showing(done.id)).toEqual([[[100_000n, true]], "completed", [expect.stringMatching(/отгруженным, хотя сам заказ в ней завершён$/)]]);
  // Recorded before such hand-overs were told apart: people decide.
  const old = await hasShipped(flag);
  await t.ctx.database.sql.begin(async (sql) => {
    await sql`set local session_replication_role = replica`;
    await sql`update shipments set document_key = 'status::1' where order_id = ${old.id}`;
  });
  await upload(t, shop, changed(old.draft, { state: off }));
  expect(await showing(old.id)).toEqual([[[100_000n, true]], "shipped", [expect.stringMatching(/отгруженным: отгрузка на 1\s000,00\s₽ осталась$/u)]]);
  // The document of the same upload is what went out.
  const part = await hasShipped(flag);
  const document = anOperation({ ref: newId(), operation: "Отпуск товара", number: "РН-4", totalKopecks: 40_000n, lines: [{ ...ply, quantity: "4", sumKopecks: 40_000n }] });
  const next = changed(part.draft, { state: off, operations: [document] });
  for (const again of [next, next]) {
    await upload(t, shop, again);
    expect(await showing(part.id)).toEqual([[[100_000n, false], [40_000n, true]], "partially_shipped", [expect.stringMatching(/отгруженным: отгрузка на 1\s000,00\s₽ снята$/u)]]);
  }
  // Lines that do not give the total: nothing is taken back for a document that would not be counted; with good lines both happen.
  const odd = await hasShipped(flag);
  const given = anOperation({ ref: newId(), operation: "Отпуск товара", number: "РН-5", totalKopecks: 40_000n, lines: [{ ...ply, quantity: "4", sumKopecks: 40_000n }] });
  await upload(t, shop, changed(odd.draft, { state: off, operations: [given], linesMatchTotal: false }));
  expect(await showing(odd.id)).toEqual([[[100_000n, true]], "shipped", [expect.stringMatching(/не сходятся с его суммой$/)]]);
  await upload(t, shop, changed(odd.draft, { state: off, operations: [given], comment: "строки исправлены" }));
  expect((await showing(odd.id)).slice(0, 2)).toEqual([[[100_000n, false], [40_000n, true]], "partially_shipped"]);
  // Goods that came back were handed over: the return counts, and people hear of the flag.
  const back = await hasShipped(flag);
  const returned = anOperation({ ref: newId(), operation: "Возврат товара", number: "ВТ-1", totalKopecks: 10_000n, lines: [{ ...ply, quantity: "1", sumKopecks: 10_000n }] });
  await upload(t, shop, changed(back.draft, { state: off, operations: [returned] }));
  expect(await showing(back.id)).toEqual([[[100_000n, true]], "shipped", [expect.stringMatching(/отгруженным, а по заказу уже есть возврат товара$/)]]);
});

test("commerceml.md 8: «Отгружен» that was true of what a status had told, and is false now, is asked of people once; false all along it says nothing", async () => {
  // By a status, then by the flag too; its false comes with another status, with the same one, or in a short document.
  const says = { another: [{ ...off, statusText: "Доставлен" }, ": отгрузка на 1 000,00 ₽ осталась"], same: [{ ...off, statusText: "Отгружен" }, ", а по его состоянию или номеру отгрузки он отгружен"] } as const;
  for (const [state, words] of [says.another, says.same]) {
    for (const isShort of [false, true]) {
      const { draft, id } = await hasShipped({ statusText: "Отгружен", unshipped: true });
      const tell = (given: Partial<OnecState>, comment: string) => upload(t, shop, isShort ? { ...aStatus(draft, { posted: true, ...given }), contentHash: newId() } : changed(draft, { state: given, comment }));
      await tell({ ...state }, "раз");
      expect((await showing(id))[2]).toEqual([]);
      await tell({ ...flag, unshipped: false, statusText: "Отгружен" }, "два");
      expect((await showing(id))[2]).toEqual([]);
      await tell({ ...state }, "три");
      const asked = [[[100_000n, true]], "shipped", [expect.stringContaining(`отгруженным${words}`.replaceAll(/1 000,00 ₽/g, "1\u202F000,00 ₽"))]];
      expect(await showing(id)).toEqual(asked);
      // Said once: a person ends it, the same word again is no news.
      await t.ctx.database.sql`update alerts set state = 'resolved' where order_id = ${id}`;
      await tell({ ...state }, "четыре");
      expect((await showing(id))[2]).toEqual([]);
      await tell({ ...flag, unshipped: false, statusText: "Отгружен" }, "пять");
      await tell({ ...state }, "шесть");
      expect(await showing(id)).toEqual(asked);
      await tell({ ...flag, unshipped: false, statusText: "Отгружен" }, "семь");
      expect((await showing(id))[2]).toEqual([]);
    }
  }
});

import { formatCount } from "@/lib/kit/format.ts";
import { readReturnable, recordGoodsReturn, recordedReturn } from "@/lib/shipments/index.ts";
import { returnLines } from "./goods-lines.ts";
import type { ReturnLine } from "./goods-lines.ts";
import type { Call, Reply } from "./operation.ts";
import { readPackage } from "./read-package.ts";
import { GOODS_MAX, ReturnRequest } from "./schema-goods.ts";
import { takeGoods } from "./take-goods.ts";
import type { GoodsKind } from "./take-goods.ts";

const goodsReturn: GoodsKind<ReturnRequest, ReturnLine> = {
  name: "Накладная возврата",
  message: "return",
  table: "goods_returns",
  recorded: recordedReturn,
  async linesOf(_ctx, tx, order, { items }) {
    if (!items || items.length === 0) return { code: "missing_field", field: "items", msg: "items: нет строк возврата" };
    const returnable = await readReturnable(tx, order);
    if (returnable.kopecks <= 0n && order.goodsReturnedKopecks === 0n) return { code: "not_shipped", field: "items", msg: "По заказу ещё ничего не отгружено: передайте отгрузку и повторите возврат" };
    return returnLines(items, order.lines, returnable);
  },
  async record(ctx, tx, order, { id, number, at, said, lines }) {
    const made = await recordGoodsReturn(ctx, tx, order, { documentKey: id, number, returnedAt: at, source: "onec_document", said, lines });
    return made && { siteId: made.goodsReturnId, lifecycle: made.order.lifecycle };
  },
};

/** POST /returns: goods that came back; the money is asked for by POST /refunds. */
export async function takeReturnsCall(call: Call): Promise<Reply> {
  const { items, warnings } = readPackage(call.bytes, "returns", ReturnRequest, GOODS_MAX);
  const json = await takeGoods(call, items, warnings, goodsReturn);
  return { json, summary: `Принято ${formatCount(json.results.length, ["возврат товара", "возврата товара", "возвратов товара"])}, отказано ${json.rejected}` };
}

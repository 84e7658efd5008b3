import { Tile, Tiles } from "@/components/admin/tiles.tsx";
import { formatDuration, formatNumber, formatPercent } from "@/lib/kit/format.ts";
import type { Board } from "@/lib/pilot/read-pilot.ts";

const share = (part: bigint, whole: bigint): string => (whole === 0n ? "—" : formatPercent((Number(part) * 100) / Number(whole)));
const of = (part: bigint, whole: bigint, what: string): string => (whole === 0n ? `${what} ещё не было` : `${formatNumber(part)} из ${formatNumber(whole)}`);

/** PIL-06: the figures of a pilot; the list below shows each order that they count. */
export function BoardTiles({ board }: { board: Board }) {
  return (
    <Tiles>
      <Tile label="Взято заказов" value={formatNumber(board.taken)} href="#orders" />
      <Tile label="Оплачено" value={formatNumber(board.paid)} note={of(board.paid, board.taken, "заказов")} href="#orders" />
      <Tile label="От заказа до оплаты" value={board.averageSeconds === null ? "—" : formatDuration(board.averageSeconds * 1_000)} note="в среднем" />
      <Tile label="Чеки в срок" value={share(board.receiptsInTime, board.receiptsDue)} note={of(board.receiptsInTime, board.receiptsDue, "чеков")} href="/admin/receipts" />
      <Tile label="Учтено в 1С" value={share(board.confirmed, board.messages)} note={of(board.confirmed, board.messages, "документов")} href="/admin/exchange" />
      <Tile label="Расхождения" value={formatNumber(board.discrepancies)} note="открыто" href="/admin/reconciliation" />
      <Tile label="Ручные действия" value={formatNumber(board.manualActions)} note="сотрудников по этим заказам" href="#orders" />
    </Tiles>
  );
}

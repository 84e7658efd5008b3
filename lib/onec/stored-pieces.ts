/** Pieces of uploaded files as they stand in the database: deflated, since XML of 1C shrinks to a tenth and less. */
import { promisify } from "node:util";
import { deflateRaw, inflateRaw } from "node:zlib";
import type { Sql, Tx, Write } from "@/db/index.ts";
import { completeTailBytes } from "./wire/index.ts";

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);
/** More than the largest piece that a base may send. */
const PIECE_BYTES_MAX = 80 * 1024 * 1024;
const TAIL_PIECES = 2;

export type PackedPiece = { bytes: Buffer; isDeflated: boolean };
type Row = { bytes: Buffer; isDeflated: boolean };

/** Weakest level: it is six times faster than the default and takes the same to the database within a few per cent. Archives stay as they are. */
export async function packPiece(bytes: Buffer): Promise<PackedPiece> {
  const packed = await deflate(bytes, { level: 1 });
  return packed.length < bytes.length ? { bytes: packed, isDeflated: true } : { bytes, isDeflated: false };
}

export const pieceWrite = (tx: Tx, fileId: string, no: number, { bytes, isDeflated }: PackedPiece): Write =>
  tx`insert into onec_file_pieces (file_id, no, bytes, is_deflated) values (${fileId}, ${no}, ${bytes}, ${isDeflated})`;

const unpack = async ({ bytes, isDeflated }: Row): Promise<Buffer> => (isDeflated ? inflate(bytes, { maxOutputLength: PIECE_BYTES_MAX }) : bytes);

/** Null past the last piece. */
export async function readPiece(sql: Sql | Tx, fileId: string, no: number): Promise<Buffer | null> {
  const [row] = await sql<Row[]>`select bytes, is_deflated from onec_file_pieces where file_id = ${fileId} and no = ${no}`;
  return row ? unpack(row) : null;
}

/** The last bytes of a file of so many pieces, enough for `endsOrderFile`. */
export async function storedTail(sql: Sql | Tx, fileId: string, pieceCount: number): Promise<Buffer> {
  const rows = await sql<Row[]>`select bytes, is_deflated from onec_file_pieces where file_id = ${fileId} and no >= ${pieceCount - TAIL_PIECES} order by no`;
  const pieces = await Promise.all(rows.map(unpack));
  return Buffer.concat(pieces.map((bytes) => bytes.subarray(-completeTailBytes)));
}

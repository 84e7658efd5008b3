import { createHash, randomBytes, randomFillSync } from "node:crypto";
import { v5, v7 } from "uuid";

const ID_BYTES = 16;
const POOL_IDS = 256;
const pool = Buffer.alloc(ID_BYTES * POOL_IDS);
const randoms = Array.from({ length: POOL_IDS }, (_, i) => pool.subarray(i * ID_BYTES, (i + 1) * ID_BYTES));
let taken = POOL_IDS;
let msecs = 0;
let sequence = 0;

const idBytes = Buffer.alloc(ID_BYTES);
const idText = Buffer.from("xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
/** Where in the text the two digits of each byte stand. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const digits = Buffer.from("0123456789abcdef");

/**
 * A new time-ordered UUID (NUM-08); within a millisecond each is greater than the one before. Random bytes are drawn 256 ids at
 * a time: one by one they took a tenth of an order upload (measured), and that is also why the order is kept here. The text is
 * written by hand: the library joins it of twenty pieces, which were a tenth of what an upload leaves to the collector.
 */
export function newId(): string {
  if (taken === POOL_IDS) {
    randomFillSync(pool);
    taken = 0;
  }
  const random = randoms[taken++]!;
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // The top bit stays clear, so that a sequence has room to grow.
    sequence = random.readUInt32BE(6) & 0x7fff_ffff;
  } else {
    sequence = (sequence + 1) | 0;
    if (sequence === 0) msecs += 1;
  }
  v7({ random, msecs, seq: sequence }, idBytes);
  for (let i = 0; i < ID_BYTES; i++) {
    idText[places[i]!] = digits[idBytes[i]! >> 4]!;
    idText[places[i]! + 1] = digits[idBytes[i]! & 15]!;
  }
  return idText.toString("latin1");
}

/** 256 random bits for links and doors, URL-safe (SEC-11 asks for at least 128). */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** A stable UUID from parts: the same thing seen twice has the same id. */
export const stableId = (...parts: string[]): string => v5(parts.join("\u0000"), "6f1e7d0e-3a0c-4f57-9f0c-5d2f6a1c9b3d");

export const sha256Hex = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** An id from outside as the database may be asked for it by its index; null, which nothing has, when it is no id at all. */
export const uuidOrNull = (text: string): string | null => (uuidShape.test(text) ? text : null);

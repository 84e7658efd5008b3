import { createHash, randomBytes, randomFillSync } from "node:crypto";
import { v5, v7 } from "uuid";

const ID_BYTES = 16;
const pool = Buffer.alloc(ID_BYTES * 256);
let taken = pool.length;
let msecs = 0;
let sequence = 0;

/**
 * A new time-ordered UUID (NUM-08); within a millisecond each is greater than the one before. Random bytes are drawn 256 ids at
 * a time: one by one they took a tenth of an order upload (measured), and that is also why the order is kept here.
 */
export function newId(): string {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  const random = pool.subarray(taken, (taken += ID_BYTES));
  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    // The top bit stays clear, so that a sequence has room to grow.
    sequence = random.readUInt32BE(6) & 0x7fff_ffff;
  } else {
    sequence = (sequence + 1) | 0;
    if (sequence === 0) msecs += 1;
  }
  return v7({ random, msecs, seq: sequence });
}

/** 256 random bits for links and doors, URL-safe (SEC-11 asks for at least 128). */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** A stable UUID from parts: the same thing seen twice has the same id. */
export const stableId = (...parts: string[]): string => v5(parts.join("\u0000"), "6f1e7d0e-3a0c-4f57-9f0c-5d2f6a1c9b3d");

export const sha256Hex = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** An id from outside as the database may be asked for it by its index; null, which nothing has, when it is no id at all. */
export const uuidOrNull = (text: string): string | null => (uuidShape.test(text) ? text : null);

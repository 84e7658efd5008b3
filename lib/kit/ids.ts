import { createHash, randomBytes } from "node:crypto";
import { v5, v7 } from "uuid";

/** A new time-ordered UUID (NUM-08). */
export const newId = (): string => v7();

/** 256 random bits for links and doors, URL-safe (SEC-11 asks for at least 128). */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** A stable UUID from parts: the same thing seen twice has the same id. */
export const stableId = (...parts: string[]): string => v5(parts.join("\u0000"), "6f1e7d0e-3a0c-4f57-9f0c-5d2f6a1c9b3d");

export const sha256Hex = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");

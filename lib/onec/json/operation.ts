/** How a call of the exchange is described: one table drives the door, the OpenAPI description and the page (`operations.ts`). */
import type { z } from "zod";
import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Ctx } from "@/lib/context.ts";

export type Call = {
  /** Acts as the base. */
  ctx: Ctx;
  base: OpenConnection;
  /** Parts of the path in braces. */
  params: Readonly<Record<string, string>>;
  query: URLSearchParams;
  bytes: Buffer;
  contentType: string;
  /** A person tries or repeats one object: how its row of the journal is known. */
  origin?: { source?: string; messageId?: string };
};

/** `summary`: one line for the journal, without personal data. `file` instead of JSON where bytes are asked for. */
export type Reply = { json: unknown; summary: string } | { file: { bytes: Buffer; mime: string; disposition: string }; summary: string };

export type Body = { kind: "json"; schema: z.ZodType; maxBytes: number; example: unknown } | { kind: "raw"; mimes: readonly string[]; description: string; maxBytes: number } | null;

export type Operation = {
  /** Name in the description: `postOrders`. */
  id: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the prefix, `/orders/{guid}`. */
  path: string;
  /** Russian, for the page. */
  title: string;
  description: string;
  params: Readonly<Record<string, string>>;
  query: Readonly<Record<string, { description: string; required?: boolean; example?: string }>>;
  body: Body;
  /** Null: the bytes of a file. */
  answer: z.ZodType | null;
  answerExample: unknown;
  /** Statuses beside 200 that this call has of its own. */
  errors: readonly number[];
  run(call: Call): Promise<Reply>;
};

export const MIB = 1024 * 1024;

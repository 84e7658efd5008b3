import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { z } from "zod";
import { fitTogether } from "./key-problems.ts";
import { SetUp } from "./shape.ts";

export type ReadSetUp = { ok: true; setUp: SetUp } | { ok: false; problems: string[] };

const FILE_MAX = 256 * 1024;
type Env = Record<string, string | undefined>;

/**
 * Reads and checks a set-up file. A secret is its text, `{"env": "NAME"}` or `{"file": "client.key"}` (beside the JSON file).
 * Problems are one line for each wrong field, without any value.
 */
export async function readSetUpFile(file: string, env: Env): Promise<ReadSetUp> {
  const text = await boundedText(file).catch((error: unknown) => error as Error);
  if (text instanceof Error) return { ok: false, problems: [`cannot be read: ${text.message}`] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, problems: ["is no JSON: look for a comma too many or a missing quote"] };
  }
  const problems = await fetchSecrets(value, path.dirname(path.resolve(file)), env);
  if (problems.length > 0) return { ok: false, problems };
  return checkSetUp(value);
}

export function checkSetUp(value: unknown): ReadSetUp {
  const parsed = SetUp.safeParse(value, { error: said });
  if (!parsed.success) return { ok: false, problems: parsed.error.issues.map(line) };
  const { seller, connection } = parsed.data;
  const problems: string[] = [];
  if (connection?.provider === "orange_data") {
    const { settings, secret, environment, sellerInn } = connection;
    if (!fitTogether(secret.clientCertPem, secret.clientKeyPem)) problems.push("connection.secret.clientKeyPem: is not the key of clientCertPem");
    const ours = sellerInn ?? seller?.inn;
    if (environment === "live" && settings.inn && ours && settings.inn !== ours) problems.push("connection.settings.inn: is not the INN of the seller; its receipts would be another company's");
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, setUp: parsed.data };
}

async function boundedText(file: string): Promise<string> {
  const { size } = await stat(file);
  if (size > FILE_MAX) throw new Error(`larger than ${FILE_MAX / 1024} KB`);
  return (await readFile(file, "utf8")).replace(/^\uFEFF/, "");
}

/** Puts the texts in place of the references under `connection.secret`; what could not be found. */
async function fetchSecrets(value: unknown, folder: string, env: Env): Promise<string[]> {
  const secret = (value as { connection?: { secret?: unknown } } | null)?.connection?.secret;
  if (typeof secret !== "object" || secret === null) return [];
  const problems: string[] = [];
  for (const [name, given] of Object.entries(secret as Record<string, unknown>)) {
    if (typeof given !== "object" || given === null) continue;
    const { env: variable, file } = given as { env?: unknown; file?: unknown };
    const at = `connection.secret.${name}`;
    let text: string | undefined;
    if (typeof variable === "string") {
      text = env[variable];
      if (!text) problems.push(`${at}: the environment variable ${variable} is not set`);
    } else if (typeof file === "string") {
      text = await boundedText(path.resolve(folder, file)).catch(() => undefined);
      if (text === undefined) problems.push(`${at}: the file ${file} cannot be read`);
    } else problems.push(`${at}: must be a text, {"env": "NAME"} or {"file": "PATH"}`);
    if (text !== undefined) (secret as Record<string, unknown>)[name] = text;
  }
  return problems;
}

/** zod's findings in our words; undefined = a message of the field itself, or zod's own. */
function said(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined ? "is missing" : `must be ${issue.expected === "object" ? "an object" : `a ${issue.expected}`}`;
    case "too_small":
      return issue.origin === "string" ? "must not be empty" : `must be at least ${issue.minimum}`;
    case "too_big":
      return issue.origin === "string" ? `must have at most ${issue.maximum} characters` : `must be at most ${issue.maximum}`;
    case "unrecognized_keys":
      return `unknown field ${issue.keys.join(", ")}`;
    case "invalid_value":
      return issue.input === undefined ? `is missing: one of ${issue.values.join(", ")}` : `must be one of ${issue.values.join(", ")}`;
    case "invalid_union":
      return "must be one of paykeeper, orange_data, commerceml, smtp, shop";
    default:
      return undefined;
  }
}

const line = (issue: z.core.$ZodIssue): string => (issue.path.length === 0 ? issue.message : `${issue.path.join(".")}: ${issue.message}`);

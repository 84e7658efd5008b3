import type { OpenConnection } from "@/lib/connections/index.ts";
import type { Acquirer } from "./acquirer.ts";
import { createPayKeeper } from "./paykeeper/index.ts";

/** Adapters live as long as the process may trust the connection's settings (they cache a token inside). */
const SLOT = Symbol.for("kopeyka.acquirers");
const built = ((globalThis as { [SLOT]?: WeakMap<OpenConnection, Acquirer> })[SLOT] ??= new WeakMap<OpenConnection, Acquirer>());

const standIns = new Map<string, Acquirer>();

/** For the simulator: this connection is answered by `acquirer`, and by no adapter. */
export const standInForAcquirer = (connectionId: string, acquirer: Acquirer): void => void standIns.set(connectionId, acquirer);

/** The adapter of an acquirer connection. Throws for a provider that we do not speak. */
export function acquirerOf(connection: OpenConnection, now: () => Date): Acquirer {
  let acquirer = standIns.get(connection.id) ?? built.get(connection);
  if (!acquirer) {
    acquirer = build(connection, now);
    built.set(connection, acquirer);
  }
  return acquirer;
}

function build(connection: OpenConnection, now: () => Date): Acquirer {
  const { settings, secret } = connection;
  switch (connection.provider) {
    case "paykeeper":
      return createPayKeeper(
        {
          baseUrl: String(settings["baseUrl"]),
          login: String(settings["login"]),
          password: secret["password"] ?? "",
          secretWord: secret["secretWord"] ?? "",
          fiscalisation: "own",
          // Two-stage cabinets are not confirmed (paykeeper.md 8): what a hold is called there is a setting.
          heldStatuses: settings["stages"] === "two" ? textsOf(settings["heldStatuses"]) ?? ["obtained"] : [],
        },
        { now },
      );
    default:
      throw new Error(`no adapter for provider ${connection.provider}`);
  }
}

const textsOf = (value: unknown): string[] | null => (Array.isArray(value) && value.length > 0 && value.length <= 10 && value.every((each) => typeof each === "string") ? value : null);

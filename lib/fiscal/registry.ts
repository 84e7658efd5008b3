import type { OpenConnection } from "@/lib/connections/index.ts";
import type { CashRegister } from "./cash-register.ts";
import { createOrangeData } from "./orange-data/index.ts";

const SLOT = Symbol.for("kopeyka.registers");
const built = ((globalThis as { [SLOT]?: WeakMap<OpenConnection, CashRegister> })[SLOT] ??= new WeakMap<OpenConnection, CashRegister>());

const standIns = new Map<string, CashRegister>();

/** For the simulator: this connection is answered by `register`, and by no adapter. */
export const standInForRegister = (connectionId: string, register: CashRegister): void => void standIns.set(connectionId, register);

/** The adapter of a cash register connection. Throws for a service that we do not speak. */
export function cashRegisterOf(connection: OpenConnection): CashRegister {
  let register = standIns.get(connection.id) ?? built.get(connection);
  if (!register) {
    register = build(connection);
    built.set(connection, register);
  }
  return register;
}

function build({ provider, settings, secret }: OpenConnection): CashRegister {
  switch (provider) {
    case "orange_data":
      return createOrangeData({
        baseUrl: String(settings["baseUrl"]),
        inn: String(settings["inn"]),
        key: String(settings["key"] ?? settings["inn"]),
        group: String(settings["group"] ?? "Main"),
        receiptUrlBase: String(settings["receiptUrlBase"] ?? "https://cheques-lk.orangedata.ru"),
        clientCertPem: secret["clientCertPem"] ?? null,
        clientKeyPem: secret["clientKeyPem"] ?? null,
        caPem: secret["caPem"] ?? null,
        signingKey: secret["signingKey"] ?? "",
      });
    default:
      throw new Error(`no adapter for cash register ${provider}`);
  }
}

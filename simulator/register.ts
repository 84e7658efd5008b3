/** A cloud cash register that is overloaded, loses answers and knows each document by our id. */
import type { CashRegister, FiscalReceipt, StatusOutcome } from "@/lib/fiscal/cash-register.ts";
import { sha256Hex } from "@/lib/kit/ids.ts";
import type { SeededRandom } from "@/lib/kit/seeded-random.ts";
import type { Faults } from "./bank.ts";
import type { Crashes } from "./crash.ts";

export type Printed = { externalId: string; fdNumber: string; kind: string; totalKopecks: bigint; moneyKopecks: bigint; readyAt: number; meta: string | null };

export function createRegister(random: SeededRandom, now: () => Date, crashes: Crashes, faults: Faults) {
  const printed = new Map<string, Printed>();
  let lastFd = 10_000;

  const port: CashRegister = {
    provider: "simulated",
    prepare(receipt: FiscalReceipt) {
      const body = JSON.stringify(receipt, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
      return { body, sha256: sha256Hex(body), kind: receipt.kind, ffd: receipt.ffd };
    },
    async send({ body }) {
      crashes.step();
      await Promise.resolve();
      if (faults.isOn && random.chance(0.03)) return { kind: "retry", afterMs: 5_000, message: "503: the queue is full" };
      if (faults.isOn && random.chance(0.02)) return { kind: "unknown", message: "timeout before it arrived" };
      const receipt = JSON.parse(body) as { externalId: string; kind: string; totalKopecks: string; meta: string | null; payments: { electronicKopecks: string; cashKopecks: string } };
      const isKnown = printed.has(receipt.externalId);
      if (!isKnown) {
        if (faults.isOn && random.chance(0.004)) return { kind: "permanent", code: "400", message: "Неверный запрос" };
        printed.set(receipt.externalId, {
          externalId: receipt.externalId, fdNumber: String(++lastFd), kind: receipt.kind, totalKopecks: BigInt(receipt.totalKopecks), meta: receipt.meta,
          moneyKopecks: BigInt(receipt.payments.electronicKopecks) + BigInt(receipt.payments.cashKopecks), readyAt: now().getTime() + random.between(1, 40) * 1_000,
        });
      }
      crashes.step();
      if (faults.isOn && random.chance(0.03)) return { kind: "unknown", message: "the answer was lost" };
      return { kind: "accepted", duplicate: isKnown };
    },
    async status(externalId): Promise<StatusOutcome> {
      crashes.step();
      await Promise.resolve();
      if (faults.isOn && random.chance(0.02)) return { kind: "unknown", message: "timeout" };
      const document = printed.get(externalId);
      if (!document) return { kind: "absent" };
      if (document.readyAt > now().getTime()) return { kind: "pending" };
      return {
        kind: "registered",
        fiscal: {
          fnNumber: "9999078900000001", fdNumber: document.fdNumber, fiscalSign: document.fdNumber, registerNumber: null, registerSerial: null, shiftNumber: 1, numberInShift: 1,
          registeredAtLocal: "2026-11-21T12:00:00", ofdName: null, receiptUrl: null, qr: `t=20261121T1200&s=${document.totalKopecks}&fn=9999078900000001&i=${document.fdNumber}&fp=1&n=1`,
        },
      };
    },
    receiptUrl: () => null,
    check: () => Promise.resolve([]),
  };
  return { port, printed };
}
export type Register = ReturnType<typeof createRegister>;

import { randomInt } from "node:crypto";
import { crc32 } from "node:zlib";
import type { World } from "../core/world.ts";
import { moscow } from "../core/clock.ts";
import type { FiscalData, OrangeState, Register, StoredDocument } from "./state.ts";

const KEEP = 5000;

/** The queue and the cash registers behind it: one receipt a second each, counters that only grow. */
export type Kkt = {
  find(inn: string, id: string): StoredDocument | null;
  enqueue(document: Omit<StoredDocument, "takenAt" | "readyAt" | "fiscal">): StoredDocument;
  register(inn: string, group: string): Register;
  resume(): void;
};

export function createKkt(world: World, state: OrangeState, touch: () => void, onDone: (d: StoredDocument) => void): Kkt {
  const keyOf = (inn: string, id: string) => `${inn}/${id}`;

  function register(inn: string, group: string): Register {
    const key = keyOf(inn, group);
    const known = state.registers[key];
    if (known) return known;
    const serial = 4477 + Object.keys(state.registers).length;
    const made: Register = {
      deviceSN: String(serial).padStart(16, "0"),
      deviceRN: `00000004123${String(serial).padStart(5, "0")}`,
      fsNumber: `999907890200${String(serial).padStart(4, "0")}`,
      documentNumber: 1041,
      shiftNumber: 17,
      shiftDay: "",
      documentIndex: 0,
      freeAt: 0,
    };
    state.registers[key] = made;
    return made;
  }

  function schedule(document: StoredDocument): void {
    if (document.fate !== "done" || document.fiscal) return;
    world.clock.at(document.readyAt, () => {
      if (document.fiscal || state.documents[keyOf(document.inn, document.id)] !== document) return;
      document.fiscal = fiscalise(register(document.inn, document.group), document.total, world.clock.now());
      touch();
      world.log("orange", "receipt", { id: document.id, inn: document.inn, fd: document.fiscal.documentNumber, total: document.total.toString() });
      onDone(document);
    });
  }

  return {
    find: (inn, id) => (Object.hasOwn(state.documents, keyOf(inn, id)) ? (state.documents[keyOf(inn, id)] ?? null) : null),
    enqueue(taken) {
      const now = world.clock.now();
      const { minDelayMs, maxDelayMs } = state.settings;
      const cash = register(taken.inn, taken.group);
      const readyAt = Math.max(now + randomInt(minDelayMs, Math.max(maxDelayMs, minDelayMs) + 1), cash.freeAt);
      cash.freeAt = readyAt + 1000;
      const document: StoredDocument = { ...taken, takenAt: now, readyAt, fiscal: null };
      state.documents[keyOf(taken.inn, taken.id)] = document;
      const keys = Object.keys(state.documents);
      for (const old of keys.slice(0, Math.max(0, keys.length - KEEP))) delete state.documents[old];
      touch();
      schedule(document);
      return document;
    },
    register,
    resume() {
      for (const document of Object.values(state.documents)) schedule(document);
    },
  };
}

/** Takes the next numbers of the register; the sign is a function of what is printed, so tests can repeat it. */
export function fiscalise(cash: Register, total: bigint, now: number): FiscalData {
  const processedAt = moscow(now).replace(" ", "T");
  const day = processedAt.slice(0, 10);
  if (cash.shiftDay !== day) {
    cash.shiftDay = day;
    cash.shiftNumber += 1;
    cash.documentIndex = 0;
    cash.documentNumber += 1; // the shift report is a fiscal document too
  }
  cash.documentNumber += 1;
  cash.documentIndex += 1;
  return {
    deviceSN: cash.deviceSN,
    deviceRN: cash.deviceRN,
    fsNumber: cash.fsNumber,
    documentNumber: cash.documentNumber,
    shiftNumber: cash.shiftNumber,
    documentIndex: cash.documentIndex,
    processedAt,
    fp: String(crc32(`${cash.fsNumber}|${cash.documentNumber}|${total}|${processedAt}`)).padStart(10, "0"),
  };
}

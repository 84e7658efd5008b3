/** Connections changed by hand are read anew at once: a process keeps them for some seconds (`load-connection.ts`). */
export function forgetConnections(): void {
  const holder = globalThis as { [slot: symbol]: Map<string, unknown> | undefined };
  holder[Symbol.for("kopeyka.connections")]?.clear();
}

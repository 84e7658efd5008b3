/** The file as a whole cannot be read. `message` is Russian and says what to do. */
export class RegistryFileRefused extends Error {
  readonly reason: "unreadable" | "encoding" | "columns" | "too_big" | "empty" | "other_merchant";
  constructor(reason: RegistryFileRefused["reason"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RegistryFileRefused";
    this.reason = reason;
  }
}

/** Bounds of one file. A day of a large shop is 50 000 lines and about 10 MB. */
export const registryLimits = { bytesMax: 50 * 1024 * 1024, linesMax: 500_000, cellMax: 2_000, cellsMax: 200, unpackedBytesMax: 512 * 1024 * 1024 };

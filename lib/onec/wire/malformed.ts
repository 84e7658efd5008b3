/** The file cannot be read any further. `message` is one short Russian line that goes to 1C as the reason (CML-6). */
export class MalformedExchangeFile extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MalformedExchangeFile";
  }
}

/** The file is right in itself and does not fit what the database holds. The message is one line for the terminal. */
export class SetUpRefused extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SetUpRefused";
  }
}

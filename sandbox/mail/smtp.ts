import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";
import type { Mailbox } from "./mailbox.ts";

const MAX_LETTER = 10 * 1024 * 1024;
const CLOSE_MS = 500;

/** Takes every letter to any address; nothing is sent on. */
export function listenSmtp(mailbox: Mailbox, port: number, host: string): Promise<{ port: number; close(): Promise<void> }> {
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    size: MAX_LETTER,
    closeTimeout: CLOSE_MS,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      let size = 0;
      stream.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size <= MAX_LETTER) chunks.push(chunk);
      });
      stream.on("end", () => {
        if (size > MAX_LETTER) return done(Object.assign(new Error("Message too large"), { responseCode: 552 }));
        const { mailFrom, rcptTo } = session.envelope;
        mailbox.receive(Buffer.concat(chunks), mailFrom ? mailFrom.address : "", rcptTo.map((r) => r.address));
        done();
      });
    },
    onAuth: (_auth, _session, done) => done(null, { user: "sandbox" }),
  });
  return new Promise((resolve, reject) => {
    smtp.once("error", reject);
    smtp.listen(port, host, () => {
      smtp.off("error", reject);
      smtp.on("error", () => undefined);
      resolve({
        port: (smtp.server.address() as AddressInfo).port,
        close: () => new Promise<void>((closed) => smtp.close(() => closed())),
      });
    });
  });
}

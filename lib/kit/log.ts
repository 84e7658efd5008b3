import { pino } from "pino";
import type { Logger } from "pino";

export type { Logger };

const masked = ["password", "secret", "token", "authorization", "cookie", "signature", "key", "pan", "email", "phone", "contact", "name"];

/** Structured logs with secrets and personal data masked by field name (SEC-03). Level from LOG_LEVEL. */
export function createLogger(processName: string): Logger {
  return pino({
    level: process.env["LOG_LEVEL"] ?? "info",
    base: { process: processName, pid: process.pid },
    redact: { paths: [...masked, ...masked.map((field) => `*.${field}`)], censor: "***" },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

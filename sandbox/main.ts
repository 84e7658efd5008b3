import { createSandbox } from "./server.ts";

const port = Number(process.env.SANDBOX_PORT ?? 4000);
if (!Number.isInteger(port) || port < 0 || port > 65_533) {
  process.stderr.write(`sandbox: SANDBOX_PORT must be a number from 0 to 65533, got ${process.env.SANDBOX_PORT}\n`);
  process.exit(1);
}

const ports = port === 0 ? { port: 0, smtpPort: 0, tlsPort: 0 } : { port, smtpPort: port + 1, tlsPort: port + 2 };

try {
  const sandbox = await createSandbox({
    ...ports,
    dataDir: process.env.DATA_DIR ?? ".data",
    ...(process.env.PAYKEEPER_NOTIFY_URL ? { notifyUrl: process.env.PAYKEEPER_NOTIFY_URL } : {}),
    ...(process.env.ONEC_EXCHANGE_URL ? { onecExchangeUrl: process.env.ONEC_EXCHANGE_URL } : {}),
  });
  const stop = () => {
    setTimeout(() => process.exit(0), 1500).unref();
    void sandbox.close().finally(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
  // Its supervisor was killed: an orphan would keep the ports.
  if (process.connected) process.once("disconnect", stop);
  process.stdout.write(`sandbox ready ${sandbox.urls.http}\n`);
} catch (error) {
  const { code, port: taken, message } = error as NodeJS.ErrnoException & { port?: number };
  const why = code === "EADDRINUSE" ? `port ${taken} is taken (SANDBOX_PORT moves all three)` : message;
  process.stderr.write(`sandbox: cannot start: ${why}\n`);
  process.exit(1);
}

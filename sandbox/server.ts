import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { join } from "node:path";
import { callOf, sendEmpty, sendJson, TooLarge, type Call } from "./core/http.ts";
import { openSnapshot } from "./core/snapshot.ts";
import { loadSecrets, secretsOfBase } from "./core/secrets.ts";
import { createWorld } from "./core/world.ts";
import { writeCredentials, type SandboxUrls } from "./credentials.ts";
import { createRoutes } from "./routes.ts";
import { createCabinet } from "./paykeeper/cabinet.ts";
import { freshPayKeeper } from "./paykeeper/state.ts";
import { createOrange } from "./orange/engine.ts";
import { freshOrange } from "./orange/state.ts";
import { createMailbox } from "./mail/mailbox.ts";
import { listenSmtp } from "./mail/smtp.ts";
import { createBills } from "./bill-base/engine.ts";
import { freshBills } from "./bill-base/state.ts";
import { openJsonBases } from "./json-base/bases.ts";
import { createShop } from "./shop/engine.ts";
import { freshShop } from "./shop/state.ts";
import { createOnec } from "./onec/engine.ts";
import { freshOnec } from "./onec/state.ts";

export type SandboxOptions = {
  /** 0 = any free port. */
  port: number;
  smtpPort: number;
  tlsPort: number;
  /** Files go to `<dataDir>/sandbox/`. */
  dataDir: string;
  notifyUrl?: string;
  onecExchangeUrl?: string;
};

export type Sandbox = { urls: SandboxUrls; close(): Promise<void> };

const HOST = "127.0.0.1";

/** Starts the whole outside world; rejects when a port is taken. */
const KEEP_ALIVE_MS = 60_000;

export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const dir = join(options.dataDir, "sandbox");
  const closing = new AbortController();
  const secrets = await loadSecrets(dir);
  const world = createWorld(dir, secrets, closing.signal);
  const paykeeper = openSnapshot(join(dir, "paykeeper.json"), freshPayKeeper);
  const orange = openSnapshot(join(dir, "orange.json"), freshOrange);
  const onec = openSnapshot(join(dir, "onec.json"), freshOnec);
  const unfSnapshot = openSnapshot(join(dir, "onec-unf.json"), () => freshOnec("unf"));
  // A folder of an older sandbox has no newer settings.
  onec.state.settings = { ...freshOnec().settings, ...onec.state.settings };
  const jsonBases = openJsonBases(world);
  const shopSnapshot = openSnapshot(join(dir, "shop.json"), freshShop);
  const billSnapshot = openSnapshot(join(dir, "bills.json"), freshBills);
  const opened: (() => Promise<void>)[] = [];
  const close = async () => {
    closing.abort();
    world.clock.stop();
    await Promise.all(opened.map((shut) => shut()));
    for (const snapshot of [paykeeper, orange, onec, unfSnapshot, jsonBases, billSnapshot, shopSnapshot]) snapshot.flush();
  };

  try {
    const cabinet = createCabinet(world, paykeeper.state, paykeeper.touch);
    const register = createOrange(world, orange.state, orange.touch);
    const mailbox = createMailbox(world.clock.now);
    const oneC = createOnec(world, { name: "ut", title: "1С:Управление торговлей 11.5", path: "/onec/" }, onec.state, onec.touch);
    const unf = createOnec(world, { name: "unf", title: "1С:УНФ 3.0", path: "/onec/unf/" }, unfSnapshot.state, unfSnapshot.touch);
    const bills = createBills(world, billSnapshot.state, () => secretsOfBase(dir, secrets, "bills"), billSnapshot.touch);
    const shop = createShop(world, shopSnapshot.state, () => secretsOfBase(dir, secrets, "shop"), shopSnapshot.touch);
    const routes = createRoutes({ world, cabinet, orange: register, mailbox, onec: oneC, unf, jsonBases, bills, shop });

    const plain = createServer(listener(routes));
    // A client that stood still for some seconds (a test that runs a command) must not find its socket shut.
    plain.keepAliveTimeout = KEEP_ALIVE_MS;
    world.baseUrl = `http://${HOST}:${await listen(plain, options.port)}`;
    opened.push(() => shut(plain));
    const smtp = await listenSmtp(mailbox, options.smtpPort, HOST);
    opened.push(smtp.close);
    const { serverKeyPem: key, serverCertPem: cert, caCertPem: ca } = secrets.orange;
    const tls = createTlsServer({ key, cert, ca, requestCert: true, rejectUnauthorized: false }, listener((call) => {
      const trusted = (call.req.socket as TLSSocket).authorized === true;
      return register.answer(call, call.path, trusted);
    }));
    const tlsPort = await listen(tls, options.tlsPort);
    opened.push(() => shut(tls));

    if (options.notifyUrl) cabinet.state.settings.notifyUrl = options.notifyUrl;
    cabinet.state.settings.qrBase = `${world.baseUrl}/nspk/`;
    if (options.onecExchangeUrl) oneC.state.settings.exchangeUrl = options.onecExchangeUrl;
    const retail = jsonBases.add("retail", "1С:Розница 3.0", "РЗ00", "");
    if (options.onecExchangeUrl) retail.state.settings.siteUrl = bills.state.settings.siteUrl = unf.state.settings.exchangeUrl = options.onecExchangeUrl;
    if (options.onecExchangeUrl) shop.state.settings.apiUrl = new URL(options.onecExchangeUrl).origin;
    const urls: SandboxUrls = { http: world.baseUrl, smtpHost: HOST, smtpPort: smtp.port, orangeTls: `https://${HOST}:${tlsPort}` };
    writeCredentials(dir, urls, world, register.state, jsonBases, bills, shop);
    cabinet.resume();
    register.kkt.resume();
    oneC.resume();
    unf.resume();
    jsonBases.resume();
    bills.reschedule();
    return { urls, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function listener(handle: (call: Call) => Promise<void>): RequestListener {
  return (req: IncomingMessage, res: ServerResponse) => {
    let call: Call;
    try {
      call = callOf(req, res);
    } catch {
      res.writeHead(400).end();
      return;
    }
    handle(call).catch((error: unknown) => {
      if (res.headersSent || res.destroyed) return res.destroy();
      if (error instanceof TooLarge) return sendEmpty(call, 413, { Connection: "close" });
      if (error instanceof SyntaxError) return sendJson(call, 400, { error: error.message });
      process.stderr.write(`sandbox: ${call.method} ${call.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      sendJson(call, 500, { error: "sandbox failed, see its stderr" });
    });
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** The sandbox as a stranger: its own process, reached over HTTP only. Tests of adapters and stories use it. */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

const START_LIMIT_MS = 20_000;

export type SandboxCredentials = {
  baseUrl: string;
  paykeeper: { baseUrl: string; login: string; password: string; secretWord: string };
  orange: { baseUrl: string; receiptBaseUrl: string; inn: string; key: string; group: string; clientCertPem: string; clientKeyPem: string; caPem: string; signingPrivateKeyPem: string };
  mail: { smtpHost: string; smtpPort: number };
  onec: { login: string; password: string };
  shop: { apiKey: string; signingSecret: string; webhookUrl: string; returnUrl: string };
};

export type TestSandbox = {
  credentials: SandboxCredentials;
  /** POST to the control API; throws when it refuses. */
  control<T = unknown>(path: string, body?: Record<string, unknown>): Promise<T>;
  read<T = unknown>(path: string): Promise<T>;
  stop(): Promise<void>;
};

/** Starts it on free ports with data of its own. Call in `beforeAll`; about a second. */
export async function startSandbox(env: Record<string, string> = {}): Promise<TestSandbox> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "kopeyka-sandbox-"));
  const child = spawn(process.execPath, ["--import", "tsx", "sandbox/main.ts"], {
    cwd: path.resolve(import.meta.dirname, "../.."),
    env: { ...process.env, ...env, SANDBOX_PORT: "0", DATA_DIR: dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the sandbox did not start")), START_LIMIT_MS);
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (!said.includes("sandbox ready")) return;
      clearTimeout(timer);
      resolve();
    });
    child.stderr.on("data", (chunk: Buffer) => void (said += chunk.toString()));
    child.on("exit", (code) => reject(new Error(`the sandbox ended with ${code}: ${said}`)));
  });
  const credentials = JSON.parse(await readFile(path.join(dataDir, "sandbox/credentials.json"), "utf8")) as SandboxCredentials;

  async function call<T>(method: string, at: string, body?: Record<string, unknown>): Promise<T> {
    const answer = await fetch(`${credentials.baseUrl}/_ctl/${at}`, {
      method,
      ...(body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`sandbox ${at}: ${answer.status} ${text.slice(0, 300)}`);
    return (text ? JSON.parse(text) : null) as T;
  }

  return {
    credentials,
    control: (at, body = {}) => call("POST", at, body),
    read: (at) => call("GET", at),
    async stop() {
      child.removeAllListeners("exit");
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

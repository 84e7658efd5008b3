import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** One pretended 1C base with an extension: its user at the site, and its HTTP-сервис. */
export type BaseSecrets = { login: string; password: string; service: { login: string; password: string; signingSecret: string } };

/** Everything secret of the pretended outside world; random at the first start, stable after. */
export type Secrets = {
  paykeeper: { login: string; password: string; secretWord: string };
  orange: {
    signingPrivateKeyPem: string;
    signingPublicKeyPem: string;
    caCertPem: string;
    serverCertPem: string;
    serverKeyPem: string;
    clientCertPem: string;
    clientKeyPem: string;
  };
  onec: { login: string; password: string };
  /** By the name of the base; a base that appears later gets its own. */
  bases: Record<string, BaseSecrets>;
};

export async function loadSecrets(dir: string): Promise<Secrets> {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, "secrets.json");
  try {
    // A folder of an older sandbox has no secrets of bases yet.
    return { bases: {}, ...(JSON.parse(readFileSync(file, "utf8")) as Omit<Secrets, "bases">) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const secrets = await makeSecrets();
  save(dir, secrets);
  return secrets;
}

function save(dir: string, secrets: Secrets): void {
  const file = join(dir, "secrets.json");
  writeFileSync(`${file}.part`, JSON.stringify(secrets, null, 1), { mode: 0o600 });
  renameSync(`${file}.part`, file);
}

const word = (bytes: number) => randomBytes(bytes).toString("base64url");

/** Secrets of a base, made and kept at the first asking. */
export function secretsOfBase(dir: string, secrets: Secrets, name: string): BaseSecrets {
  const kept = secrets.bases[name];
  if (kept) return kept;
  const made: BaseSecrets = {
    login: `1c-${name}`,
    password: word(18),
    service: { login: "kopeyka-push", password: word(18), signingSecret: `whsec_${randomBytes(24).toString("base64")}` },
  };
  secrets.bases[name] = made;
  save(dir, secrets);
  return made;
}

async function makeSecrets(): Promise<Secrets> {
  const signing = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return {
    paykeeper: { login: "kopeyka", password: word(18), secretWord: word(18) },
    orange: { signingPrivateKeyPem: signing.privateKey, signingPublicKeyPem: signing.publicKey, ...(await makeCertificates()) },
    onec: { login: "1c-exchange", password: word(18) },
    bases: {},
  };
}

type Certificates = Pick<Secrets["orange"], "caCertPem" | "serverCertPem" | "serverKeyPem" | "clientCertPem" | "clientKeyPem">;

async function makeCertificates(): Promise<Certificates> {
  const { generate } = await import("selfsigned");
  const years = (n: number) => new Date(Date.now() + n * 365 * 86_400_000);
  const common = { keyType: "ec", curve: "P-256", algorithm: "sha256", notAfterDate: years(10) } as const;
  const ca = await generate([{ name: "commonName", value: "Kopeyka sandbox CA" }], {
    ...common,
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const signer = { key: ca.private, cert: ca.cert };
  const server = await generate([{ name: "commonName", value: "localhost" }], {
    ...common,
    ca: signer,
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }] },
    ],
  });
  const client = await generate([{ name: "commonName", value: "kopeyka" }], {
    ...common,
    ca: signer,
    extensions: [
      { name: "basicConstraints", cA: false },
      { name: "extKeyUsage", clientAuth: true },
    ],
  });
  return {
    caCertPem: ca.cert,
    serverCertPem: server.cert,
    serverKeyPem: server.private,
    clientCertPem: client.cert,
    clientKeyPem: client.private,
  };
}

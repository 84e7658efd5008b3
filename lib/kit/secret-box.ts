import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

/**
 * Seals secrets with AES-256-GCM (README decision 10). Keys come from the environment as `id:base64,id:base64`; the first
 * seals, all open, so a key is rotated by putting the new one in front. Sealed text: base64(iv ‖ tag ‖ ciphertext).
 */
export type SecretBox = {
  seal(plain: string): { sealed: string; keyId: string };
  /** Throws when the key is gone or the text was altered. */
  open(sealed: string, keyId: string): string;
  /** Keyed hashes of a secret, to find and to compare it by: `key id:hex` of every key, the sealing one first. */
  marks(plain: string): string[];
  /** What marks of the sealing key begin with. */
  markPrefix: string;
};

const IV_BYTES = 12;
const TAG_BYTES = 16;

export function createSecretBox(keysText: string): SecretBox {
  const keys = new Map<string, Buffer>();
  for (const pair of keysText.split(",")) {
    const [keyId, encoded] = pair.trim().split(":");
    const key = Buffer.from(encoded ?? "", "base64");
    if (!keyId || key.length !== 32) throw new Error("KOPEYKA_SECRET_KEYS must look like id:base64-of-32-bytes");
    keys.set(keyId, key);
  }
  const sealingId = [...keys.keys()][0];
  if (!sealingId) throw new Error("KOPEYKA_SECRET_KEYS is empty");
  // A key of its own for each purpose.
  const markKeys = [...keys].map(([keyId, key]) => [keyId, createHmac("sha256", key).update("kopeyka entrance mark").digest()] as const);
  return {
    markPrefix: `${sealingId}:`,
    marks: (plain) => markKeys.map(([keyId, key]) => `${keyId}:${createHmac("sha256", key).update(plain, "utf8").digest("hex")}`),
    seal(plain) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv("aes-256-gcm", keys.get(sealingId)!, iv);
      const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
      return { sealed: Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64"), keyId: sealingId };
    },
    open(sealed, keyId) {
      const key = keys.get(keyId);
      if (!key) throw new Error(`no secret key ${keyId}`);
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString("utf8");
    },
  };
}

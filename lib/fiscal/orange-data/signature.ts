import { createPrivateKey, sign, type KeyObject } from "node:crypto";

const base64url = (base64: string) => base64.replace(/\s/g, "").replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** Element of .NET's RSAKeyValue → member of a JSON web key. */
const xmlFields = [["Modulus", "n"], ["Exponent", "e"], ["D", "d"], ["P", "p"], ["Q", "q"], ["DP", "dp"], ["DQ", "dq"], ["InverseQ", "qi"]] as const;

export class SigningKeyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "SigningKeyError";
  }
}

/** The private signing key as sellers have it: PEM (PKCS#8 or PKCS#1) or .NET XML. @throws SigningKeyError, never with key material in it */
export function readSigningKey(text: string): KeyObject {
  let key: KeyObject;
  try {
    key = /<RSAKeyValue>/i.test(text) ? fromXml(text) : createPrivateKey(text.trim());
  } catch (error) {
    throw error instanceof SigningKeyError ? error : new SigningKeyError("neither a PEM private key nor an RSAKeyValue");
  }
  if (key.asymmetricKeyType !== "rsa" || (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) throw new SigningKeyError("an RSA key of at least 2048 bits is needed");
  return key;
}

function fromXml(xml: string): KeyObject {
  const jwk: Record<string, string> = { kty: "RSA" };
  for (const [element, member] of xmlFields) {
    const value = new RegExp(`<${element}>([A-Za-z0-9+/=\\s]{1,2000})</${element}>`).exec(xml)?.[1];
    if (value === undefined) throw new SigningKeyError(`${element} is missing: this is not a private key`);
    jwk[member] = base64url(value);
  }
  return createPrivateKey({ key: jwk, format: "jwk" });
}

/** X-Signature over the exact bytes that are sent: RSASSA-PKCS1-v1_5 with SHA-256, base64 on one line. */
export const signBody = (body: string, key: KeyObject): string => sign("RSA-SHA256", Buffer.from(body, "utf8"), key).toString("base64");

/** What is wrong with a certificate or a key, in words that never repeat it. */
import { X509Certificate, createPrivateKey } from "node:crypto";
import type { z } from "zod";
import { SigningKeyError, readSigningKey } from "@/lib/fiscal/orange-data/signature.ts";

const issue = (ctx: z.RefinementCtx, message: string): void => ctx.addIssue({ code: "custom", message });

export function certificateProblem(pem: string, ctx: z.RefinementCtx): void {
  try {
    const { validTo } = new X509Certificate(pem);
    if (Date.parse(validTo) < Date.now()) issue(ctx, `ended on ${validTo}`);
  } catch {
    issue(ctx, "is no certificate in PEM form");
  }
}

export function keyProblem(pem: string, ctx: z.RefinementCtx): void {
  try {
    createPrivateKey(pem);
  } catch {
    issue(ctx, /ENCRYPTED/.test(pem) ? "has a pass phrase: take it off with `openssl pkey -in client.key -out open.key`" : "is no private key in PEM form");
  }
}

export function signingKeyProblem(text: string, ctx: z.RefinementCtx): void {
  try {
    readSigningKey(text);
  } catch (error) {
    issue(ctx, error instanceof SigningKeyError ? error.message : "is no private key");
  }
}

/** A certificate with the key of another one is refused by the other side in ways that tell nobody why. */
export const fitTogether = (certificatePem: string, keyPem: string): boolean => new X509Certificate(certificatePem).checkPrivateKey(createPrivateKey(keyPem));

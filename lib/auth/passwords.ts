import { hash, verify } from "@node-rs/argon2";

/** Argon2id at the OWASP minimum; about 13 ms here (stack.md 2). */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(password, options);

/** False for a wrong password and for a damaged hash. */
export async function verifyPassword(stored: string, password: string): Promise<boolean> {
  try {
    return await verify(stored, password);
  } catch {
    return false;
  }
}

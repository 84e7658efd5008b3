/** Environment variables that the process cannot do without. Throws with the name and what to do. */
export function requireEnv(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; \`npm start\` sets it, in your own set-up see the table in README.md`);
  return value;
}

/** `npm run -s demo:credentials`: every demo login and key as JSON; `--text`: the short list that `npm start` prints. */
import { readFile } from "node:fs/promises";
import { demoCredentialsFile } from "@/db/seed.ts";
import type { DemoCredentials } from "@/db/seed.ts";
import { roleLabels } from "@/lib/auth/roles.ts";

const dataDir = process.env["DATA_DIR"] ?? ".data";
const text = await readFile(demoCredentialsFile(dataDir), "utf8").catch(() => null);
if (text === null) {
  console.error(`kopeyka: no demo in ${dataDir}; run \`npm start\` first (and set DATA_DIR when you moved it)`);
  process.exit(1);
}
if (!process.argv.includes("--text")) {
  console.log(text);
} else {
  const { staff, sandbox, onec, json, bills, paykeeper } = JSON.parse(text) as DemoCredentials;
  const publicUrl = process.env["PUBLIC_URL"] ?? "";
  const rows: [string, string][] = [
    ["Staff", `${publicUrl}/admin`],
    ...staff.map((login): [string, string] => [`  ${roleLabels[login.role]}`, `${login.email}  ${login.password}`]),
    ["Sandbox (bank, register, 1C, mail)", sandbox["home"] ?? ""],
    ["1C exchange", `${onec.address}  ${onec.login}  ${onec.password}`],
    ["1C by JSON (Розница)", `${json.address}  ${json.login}  ${json.password}`],
    ["1C with PayKeeper code", `${bills.address}  ${bills.login}  ${bills.password}`],
    ["PayKeeper notifications", paykeeper.notificationAddress],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value] of rows) console.log(`${name.padEnd(width)}  ${value}`);
}

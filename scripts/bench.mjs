// `npm run bench [notifications|order-file|json-orders|reconciliation|order-page|invariants|changes|push]`: public figures, as ratios to floors of the same run (bench/README.md).
import { spawnSync } from "node:child_process";
import { root } from "./lib/environment.mjs";

const ensured = spawnSync(process.execPath, ["scripts/ensure.mjs"], { cwd: root, stdio: "inherit" });
if (ensured.status !== 0) process.exit(ensured.status ?? 1);
const done = spawnSync(process.execPath, ["--import", "tsx", "bench/main.ts", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
process.exit(done.status ?? 1);

// Builds the web application when its sources changed since the last build.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { fail, root } from "./environment.mjs";

const folders = ["app", "components", "lib", "db", "public"];
const files = ["next.config.mjs", "package-lock.json", "tsconfig.json", "postcss.config.mjs", "proxy.ts", "instrumentation.ts", "instrumentation-node.ts"];
const STAMP = ".next/sources.sha256";
const isTest = (name) => /\.test\.tsx?$/.test(name);

function* sources() {
  for (const folder of folders) {
    const at = path.join(root, folder);
    if (!fs.existsSync(at)) continue;
    for (const entry of fs.readdirSync(at, { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && !isTest(entry.name)) yield path.join(entry.parentPath, entry.name);
    }
  }
  for (const name of files) if (fs.existsSync(path.join(root, name))) yield path.join(root, name);
}

function stampOfSources() {
  const hash = createHash("sha256");
  for (const file of [...sources()].sort()) hash.update(path.relative(root, file)).update("\u0000").update(fs.readFileSync(file));
  return hash.digest("hex");
}

/** Leaves a build that matches the sources in `.next/`. */
export function buildWhenNeeded(env) {
  const wanted = stampOfSources();
  const stamp = path.join(root, STAMP);
  if (fs.existsSync(path.join(root, ".next/BUILD_ID")) && fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted) return;
  console.log("Building…");
  const built = spawnSync(process.execPath, [path.join(root, "node_modules/next/dist/bin/next"), "build"], { cwd: root, stdio: "inherit", env: { ...env, NODE_ENV: "production" } });
  if (built.status !== 0) fail("the build failed: see the lines above");
  fs.writeFileSync(stamp, wanted);
}

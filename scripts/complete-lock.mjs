// Adds to package-lock.json the optional platform packages that this registry did not serve, so that `npm ci` accepts the
// lock (stack.md 1.1). Run after every `npm install X`. The added entries are never fetched on another platform.
import fs from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(fs.readFileSync(file, "utf8"));
const packages = lock.packages;
const systems = ["darwin", "win32", "linux", "android", "freebsd", "openharmony", "openbsd", "sunos", "aix", "netbsd"];
const processors = ["x64", "arm64", "arm", "ia32", "ppc64", "s390x", "riscv64", "wasm32", "loong64"];
const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

/** Node's look-up: beside the package, then in each folder above. */
function isLocked(from, name) {
  for (let base = from; ; base = base.slice(0, Math.max(0, base.lastIndexOf("node_modules/") - 1))) {
    if (packages[`${base ? `${base}/` : ""}node_modules/${name}`]?.version) return true;
    if (!base) return false;
  }
}

let added = 0;
for (const [at, entry] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(at, name) || !exact.test(version)) continue;
    const words = name.split(/[-/]/);
    const system = words.find((word) => systems.includes(word)) ?? (words.includes("windows") ? "win32" : undefined);
    const processor = words.find((word) => processors.includes(word));
    packages[`node_modules/${name}`] = {
      version,
      ...(processor && { cpu: [processor] }),
      ...(entry.dev && { dev: true }),
      optional: true,
      ...(system && { os: [system] }),
    };
    added++;
  }
}
lock.packages = Object.fromEntries(Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1)));
fs.writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`added ${added}`);

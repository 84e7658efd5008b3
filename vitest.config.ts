import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import LongestFirst from "./lib/testing/longest-first.ts";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

/** `*.db.test.ts` run on a real PostgreSQL (lib/testing); the others need nothing and start at once. */
export default defineConfig({
  resolve: { alias: { "@": root } },
  test: {
    root,
    pool: "forks",
    maxWorkers: 2,
    // Files of one process share their modules: reading them anew for each of 150 files took a tenth of the whole. Nothing of lib/ keeps state that another
    // file could see (what stands in for a provider is named by its connection), and no test replaces a module.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // For one that hangs; a loaded machine is no fault.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ["default", "./lib/testing/closing-reporter.ts"],
    projects: [
      {
        extends: true,
        test: { name: "unit", include: ["**/*.test.ts"], exclude: ["**/*.db.test.ts", "**/node_modules/**", "e2e/**", ".next/**"] },
      },
      {
        extends: true,
        test: { name: "database", include: ["**/*.db.test.ts"], exclude: ["**/node_modules/**", ".next/**"], globalSetup: ["./lib/testing/global-setup.ts"] },
      },
    ],
  },
});

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "");

/** `*.db.test.ts` run on a real PostgreSQL (lib/testing); the others need nothing and start at once. */
export default defineConfig({
  resolve: { alias: { "@": root } },
  test: {
    root,
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 60_000,
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

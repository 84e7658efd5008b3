import { defineConfig } from "@playwright/test";

/** One worker on two cores: more only add flakes. The browser is found by scripts/lib/chromium.mjs and named in the environment. */
export default defineConfig({
  testDir: "e2e",
  globalSetup: "./e2e/start-app.ts",
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  forbidOnly: Boolean(process.env["CI"]),
  reporter: [["list"], ["./e2e/closing-reporter.ts"]],
  outputDir: "test-results",
  use: {
    headless: true,
    locale: "ru-RU",
    timezoneId: "Europe/Moscow",
    screenshot: "only-on-failure",
    // Pictures and copies of the page at each step took a fifth of the time of every test that passes.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: false, sources: false },
    launchOptions: {
      ...(process.env["E2E_CHROMIUM"] && { executablePath: process.env["E2E_CHROMIUM"] }),
      // Not the package's own arguments: they switch off web security, and CSP faults would not be seen.
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
      env: { ...(process.env as Record<string, string>), ...(JSON.parse(process.env["E2E_CHROMIUM_ENV"] ?? "{}") as Record<string, string>) },
    },
  },
});

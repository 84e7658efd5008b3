/** The runner's `test`, which closes what a test opened: a page left open asks the application for news to the end of the run. */
import { test as base } from "@playwright/test";
import type { BrowserContext } from "@playwright/test";

/** Whose context it is: those of `beforeAll` live as long as their file. */
const fileOf = new Map<BrowserContext, string>();

export const test = base.extend<{ tidy: void }>({
  tidy: [
    async ({ browser }, use, { file }) => {
      for (const context of browser.contexts()) {
        const owner = fileOf.get(context);
        if (owner === undefined) fileOf.set(context, file);
        else if (owner !== file) await context.close();
      }
      await use();
      for (const context of browser.contexts()) if (!fileOf.has(context)) await context.close();
    },
    { auto: true },
  ],
});

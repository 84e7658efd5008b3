// `npm run docs:guide`: draws the pictures of the accountant's guide from docs/guides/pictures.html, one per section.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "@playwright/test";
import { findChromium } from "./lib/chromium.mjs";
import { root } from "./lib/environment.mjs";

const to = path.join(root, "docs/img");
fs.mkdirSync(to, { recursive: true });
const { executable, env } = await findChromium();
const browser = await chromium.launch({ executablePath: executable, env: { ...process.env, ...env }, args: ["--no-sandbox", "--disable-gpu"] });
try {
  const page = await browser.newPage({ viewport: { width: 920, height: 900 }, deviceScaleFactor: 1.5 });
  await page.goto(pathToFileURL(path.join(root, "docs/guides/pictures.html")).href);
  await page.evaluate(() => document.fonts.ready);
  for (const id of await page.locator("section").evaluateAll((all) => all.map((one) => one.id))) {
    await page.locator(`#${id}`).screenshot({ path: path.join(to, `${id}.png`) });
    console.log(`docs/img/${id}.png`);
  }
} finally {
  await browser.close();
}

// `npm run docs:screenshots`: the README's pictures are those of the last browser run (`npm test e2e`).
import fs from "node:fs";
import path from "node:path";
import { fail, root } from "./lib/environment.mjs";

const pictures = ["pay-phone.png", "overview.png"];

const to = path.join(root, "docs/img");
fs.mkdirSync(to, { recursive: true });
for (const picture of pictures) {
  const from = path.join(root, "test-results", picture);
  if (!fs.existsSync(from)) fail(`${path.relative(root, from)} is not there: run \`npm test e2e\` first`);
  fs.copyFileSync(from, path.join(to, picture));
  console.log(`docs/img/${picture}`);
}

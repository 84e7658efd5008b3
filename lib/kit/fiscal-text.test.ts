import { expect, test } from "vitest";
import { fiscalText } from "@/lib/kit/fiscal-text.ts";
import ffd from "./fixtures/ffd.json";

test("FISC-08: every vector of cleaned texts", () => {
  for (const each of ffd.text_sanitize.cases) expect(fiscalText(each.in)).toBe(each.out);
});

test("FISC-08: the repertoire is CP866, and cleaning twice changes nothing", () => {
  const kept = Array.from(ffd.text_sanitize.cp866_repertoire).filter((sign) => sign.trim() !== "");
  for (const sign of kept) expect(fiscalText(sign)).toBe(sign);
  for (const [sign, instead] of Object.entries(ffd.text_sanitize.replace)) expect(fiscalText(`a${sign}b`)).toBe(`a${instead}b`);
  const once = fiscalText("«Ёлка» 🎄 " + "очень ".repeat(40));
  expect(once.length).toBeLessThanOrEqual(128);
  expect(fiscalText(once)).toBe(once);
  expect(fiscalText("🎄☃")).toBe("");
});

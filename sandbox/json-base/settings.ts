import type { JsonBase } from "./engine.ts";

/** Any of the settings; what cannot be read is left as it was. */
export function changeSettings(base: JsonBase, input: Record<string, unknown>): void {
  const s = base.state.settings;
  for (const name of ["siteUrl", "login", "password", "token"] as const) {
    const value = input[name];
    if (typeof value === "string" && value.length <= 2000) s[name] = value.trim();
  }
  for (const name of ["waitForChallenge", "scheduleOn"] as const) {
    if (input[name] !== undefined) s[name] = input[name] === true || input[name] === "true" || input[name] === "on";
  }
  if (input.style === "careful" || input.style === "careless") s.style = input.style;
  if (input.loginEncoding === "utf-8" || input.loginEncoding === "windows-1251") s.loginEncoding = input.loginEncoding;
  const whole = (name: "ordersPerBatch" | "eventsPerPage" | "scheduleSeconds" | "clockShiftSeconds" | "pushToleranceSeconds", min: number, max: number) => {
    const n = Number(input[name] ?? s[name]);
    if (Number.isInteger(n) && n >= min && n <= max) s[name] = n;
  };
  whole("ordersPerBatch", 1, 100_000);
  whole("eventsPerPage", 1, 100_000);
  whole("scheduleSeconds", 1, 86_400);
  whole("clockShiftSeconds", -10 * 366 * 86_400, 10 * 366 * 86_400);
  whole("pushToleranceSeconds", 0, 86_400);
  base.touch();
  base.reschedule();
}

"use server";
import { cookies } from "next/headers";
import { currentStaff } from "./current-staff.ts";

const YEAR_SECONDS = 31_536_000;

/** Keeps the chosen theme with the person and in the cookie that the layout reads. */
export async function setTheme(theme: "system" | "light" | "dark"): Promise<void> {
  if (theme !== "system" && theme !== "light" && theme !== "dark") return;
  const jar = await cookies();
  if (theme === "system") jar.delete("theme");
  else jar.set("theme", theme, { path: "/", maxAge: YEAR_SECONDS, sameSite: "lax", httpOnly: true, secure: (process.env["PUBLIC_URL"] ?? "").startsWith("https:") });
  const signedIn = await currentStaff();
  if (signedIn) await signedIn.ctx.database.sql`update staff_users set theme = ${theme} where id = ${signedIn.staff.userId}`;
}

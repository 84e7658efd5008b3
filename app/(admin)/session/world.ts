import { cache } from "react";
import { currentWorld } from "@/lib/reports/world.ts";
import { requireStaff } from "./current-staff.ts";
import type { SignedIn } from "./current-staff.ts";

export type InWorld = SignedIn & { isTest: boolean };

/** Who asks, and which world the pages show. */
export const requireWorld = cache(async (): Promise<InWorld> => {
  const signedIn = await requireStaff();
  return { ...signedIn, isTest: (await currentWorld(signedIn.ctx)) === "test" };
});

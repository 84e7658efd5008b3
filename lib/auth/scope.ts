import { scopeOf } from "./permissions.ts";
import type { Role } from "./roles.ts";

/** What a person may see of orders: which store, and whether buyers stay nameless (domain 8.4). */
export type Viewer = {
  role: Role;
  /** Only orders of this store; null = all. `none` when a role tied to a store has none: sees nothing. */
  storeId: string | null;
  seesBuyers: boolean;
  seesRaw: boolean;
};

/** No row has this store: a manager without a store sees no orders rather than all of them. */
const NO_STORE = "00000000-0000-0000-0000-000000000000";

export function viewerOf(staff: { role: Role; storeId: string | null }): Viewer {
  const orders = scopeOf(staff.role, "orders.see");
  return {
    role: staff.role,
    storeId: orders === "own" ? (staff.storeId ?? NO_STORE) : null,
    seesBuyers: orders !== "masked",
    seesRaw: scopeOf(staff.role, "raw.see") === "all",
  };
}

/** A buyer's name for those who may not see it: «И•••». */
export const maskName = (name: string): string => `${name.trim().slice(0, 1)}•••`;

import type { Role } from "./roles.ts";

/** Who may do what: the matrix of domain 8.4. `own` = own store only, `masked` = without buyer's data. Pure. */
export const permissions = {
  "orders.see": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "masked" },
  "contacts.see": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "no" },
  "link.manage": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "no" },
  "attempt.cancel": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "no" },
  "transfer.book": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "refund.request": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "no" },
  "refund.approve": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "hold.manage": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "payment.bind": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "advance.move": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "money.reverse": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "dispute.manage": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "receipt.correct": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "discrepancy.resolve": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "day.close": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "registry.upload": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "settings.policies": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "receipt.repeat": { director: "all", accountant: "all", manager: "no", operator: "own", integrator: "all" },
  "receipt.close": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "onec.repeat": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "all" },
  "conflict.decide": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "terms.change": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "no" },
  "alerts.acknowledge": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "all" },
  "raw.see": { director: "all", accountant: "all", manager: "no", operator: "no", integrator: "all" },
  "settings.connections": { director: "view", accountant: "no", manager: "no", operator: "no", integrator: "all" },
  "users.manage": { director: "all", accountant: "no", manager: "no", operator: "no", integrator: "no" },
  "pilot.see": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "masked" },
  "pilot.change": { director: "all", accountant: "no", manager: "no", operator: "no", integrator: "all" },
  "pilot.tick": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "all" },
  "payments.stop": { director: "all", accountant: "all", manager: "no", operator: "own", integrator: "all" },
  "payments.resume": { director: "all", accountant: "no", manager: "no", operator: "no", integrator: "all" },
  "reports.money": { director: "all", accountant: "all", manager: "own", operator: "own", integrator: "no" },
  "audit.see": { director: "all", accountant: "no", manager: "no", operator: "no", integrator: "no" },
} as const satisfies Record<string, Record<Role, "all" | "own" | "masked" | "view" | "no">>;
export type Permission = keyof typeof permissions;

/** How far a role's right reaches. */
export const scopeOf = (role: Role, permission: Permission) => permissions[permission][role];

/** The role may do it at all (its scope is checked where the object is known). */
export const can = (role: Role, permission: Permission): boolean => scopeOf(role, permission) !== "no" && scopeOf(role, permission) !== "view";

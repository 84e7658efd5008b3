export { bindPayment } from "./bind-payment.ts";
export type { BindPayment } from "./bind-payment.ts";
export { countUnbound, listUnbound } from "./list-unbound.ts";
export type { UnboundPayment } from "./list-unbound.ts";
export { moveMoney } from "./move-money.ts";
export type { MoveMoney } from "./move-money.ts";
export { findMoveTargets } from "./find-move-targets.ts";
export type { MoveTarget } from "./find-move-targets.ts";

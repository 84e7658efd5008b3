/** Internet shops: orders that are made there and paid here at once (issue: shop door). */
export { shopRoute } from "./door.ts";
export { returnLink } from "./return-link.ts";
export { shopSettings } from "./shop-settings.ts";
export { shopStatus } from "./view-order.ts";

/** Internet shops: orders that are made there and paid here at once (issue: shop door). */
export { shopRoute } from "./door.ts";
export { DELIVERIES_PER_PAGE, listDeliveries, listShops, readDelivery } from "./queries.ts";
export type { Delivery, DeliveryFilter, DeliveryTry, OpenDelivery, ShopHealth } from "./queries.ts";
export { returnLink } from "./return-link.ts";
export { shopSettings } from "./shop-settings.ts";
export { shopStatus } from "./view-order.ts";

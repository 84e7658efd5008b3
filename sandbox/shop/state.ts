export type ShopItem = { sku: string; name: string; quantity: string; price: string; amount: string; vatRate: string; subject: "commodity" | "service" };

/** An order as the internet shop keeps it. Roubles as text. */
export type ShopOrder = {
  id: string;
  number: string;
  at: number;
  name: string;
  email: string;
  amount: string;
  items: ShopItem[];
  /** Key of the request: the same when it is repeated. */
  key: string;
  /** What the payment service answered; empty before it did. */
  orderId: string;
  payUrl: string;
  problem: string;
  /** What the shop believes: a signed return, or a verified webhook. */
  paid: boolean;
  paidBy: "" | "return" | "webhook";
};

export type ShopHook = { at: number; id: string; type: string; orderId: string; status: number | null; outcome: "booked" | "known" | "refused" | "failed"; why: string };

export type ShopSettings = {
  /** Address of the payment service without `/api/shop/v1`. */
  apiUrl: string;
  /** Empty: the shop's own key of credentials.json. */
  apiKey: string;
  toleranceSeconds: number;
};

export type ShopState = { counter: number; orders: ShopOrder[]; hooks: ShopHook[]; settings: ShopSettings };

export const freshShop = (): ShopState => ({ counter: 1040, orders: [], hooks: [], settings: { apiUrl: "", apiKey: "", toleranceSeconds: 300 } });

export const KEPT = 200;

/** One product is enough to buy something. */
export const product: ShopItem[] = [
  { sku: "СВ-07", name: "Светильник настольный «Маяк»", quantity: "1", price: "4990.00", amount: "4990.00", vatRate: "22", subject: "commodity" },
  { sku: "ДОСТ", name: "Доставка курьером", quantity: "1", price: "350.00", amount: "350.00", vatRate: "22", subject: "service" },
];
export const PRODUCT_SUM = "5340.00";

/** What the file says of an internet shop (docs/providers/shop.md). */
import { z } from "zod";
import { isWebhookSecret } from "@/lib/kit/webhook-signature.ts";
import { PREFIX_MAX } from "@/lib/shops/shop-settings.ts";
import { pushAddress, pushIsSafe, webAddress } from "./fields.ts";

const text = (max: number) => z.string().trim().min(1).max(max);

export const Shop = z
  .strictObject({
    provider: z.literal("shop"),
    name: text(100),
    environment: z.enum(["test", "live"]),
    enabled: z.boolean().default(true),
    /** Name of the store that its orders belong to; left out: the store of its 1C base. */
    store: text(255).optional(),
    settings: z.strictObject({
      /** Name of the connection of the 1C base that gets its orders; may be left out while there is one. */
      onec: text(100).optional(),
      /** Where buyers may be sent back to: any address of these origins. */
      returnUrls: z.array(webAddress).max(20).default([]),
      /** The webhook of the shop. */
      push: z.strictObject({ url: pushAddress }).optional(),
      numberPrefix: text(PREFIX_MAX).optional(),
      callsPerMinute: z.int().min(1).max(100_000).optional(),
    }),
    /** Left out: made by us and shown once; kept when the shop is there already. */
    secret: z
      .strictObject({
        apiKey: z.string().regex(/^[\w.~+/=-]{24,512}$/, "must have 24 to 512 letters, digits or . ~ + / = - _").optional(),
        pushSecret: z.string().refine(isWebhookSecret, "is no signing secret: whsec_ and at least 32 characters of base64").optional(),
      })
      .default({}),
  })
  .superRefine(pushIsSafe)
  .superRefine(({ environment, settings }, ctx) => {
    for (const [at, url] of settings.returnUrls.entries()) {
      if (environment === "live" && url.startsWith("http:")) ctx.addIssue({ code: "custom", path: ["settings", "returnUrls", at], message: "must begin with https:// in a live connection" });
    }
  });

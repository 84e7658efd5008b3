import type { TestContext } from "./context.ts";
import type { SettingKey } from "@/lib/settings/index.ts";

/** Stores a setting as staff would. */
export async function setSetting({ ctx }: Pick<TestContext, "ctx">, key: SettingKey, value: unknown): Promise<void> {
  await ctx.database.sql`insert into settings (key, value, updated_at) values (${key}, ${JSON.stringify(value)}::text::jsonb, ${ctx.now()}) on conflict (key) do update set value = excluded.value`;
}

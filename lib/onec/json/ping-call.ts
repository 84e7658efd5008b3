import { z } from "zod";
import { localText, offsetText } from "@/lib/kit/time.ts";
import { appVersion } from "@/lib/version.ts";
import { baseSettings } from "../base-settings.ts";
import type { Call, Reply } from "./operation.ts";

export const PingAnswer = z
  .object({
    ok: z.boolean(),
    name: z.string().meta({ description: "Название базы в настройках сайта." }),
    time: z.string().meta({ description: "Время сайта со смещением." }),
    timeLocal: z.string().meta({ description: "То же в часовом поясе базы, без смещения." }),
    scopes: z.array(z.string()).meta({ description: "Способы обмена, открытые этому логину." }),
    moneyChannel: z.string().meta({ description: "Каким способом база узнаёт об оплатах; json: через changes." }),
    environment: z.enum(["test", "live"]).meta({ description: "test: учебный контур, деньги не настоящие." }),
    version: z.string().meta({ description: "Версия сайта." }),
  })
  .meta({ id: "PingAnswer" });

/** GET /ping: the button «Проверить» of a 1C form. */
export const pingCall = ({ ctx, base }: Call): Promise<Reply> => {
  const { doors, moneyChannel, zone } = baseSettings(base);
  const at = zone ?? ctx.zone;
  const json: z.output<typeof PingAnswer> = { ok: true, name: base.name, time: offsetText(ctx.now(), at), timeLocal: localText(ctx.now(), at), scopes: doors, moneyChannel, environment: base.environment, version: appVersion };
  return Promise.resolve({ json, summary: "Проверка соединения" });
};

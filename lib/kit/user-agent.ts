/** Rough facts of a User-Agent: enough to order methods and to tell people from machines. Pure. */

/** Programs that open links before people do: messengers' previews, mail scanners, search engines. */
const machine = /bot|crawl|spider|preview|scan|monitor|curl|wget|python|okhttp|go-http|headless-check|facebookexternalhit|whatsapp|telegrambot|vkshare|yandex(?!browser)|mail\.ru_bot|google-inspection/i;

export const isMachine = (userAgent: string): boolean => userAgent === "" || machine.test(userAgent);
export const isPhone = (userAgent: string): boolean => /iphone|ipod|android.+mobile|windows phone/i.test(userAgent);

const devices: [RegExp, string][] = [
  [/iphone/i, "iPhone"],
  [/ipad/i, "iPad"],
  [/android/i, "Android"],
  [/windows/i, "Windows"],
  [/mac os/i, "Mac"],
  [/linux/i, "Linux"],
];
export const deviceName = (userAgent: string): string => devices.find(([pattern]) => pattern.test(userAgent))?.[1] ?? "другое устройство";

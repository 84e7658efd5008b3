const nbsp = "\u00A0";

/** How long something took: `< 0,1 с`, `0,8 с`, `12 с`, `5 мин`, `2 ч`, `3 дн.`; takes milliseconds. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 0.05) return `<${nbsp}0,1${nbsp}с`;
  if (seconds < 9.95) return `${seconds.toFixed(1).replace(".", ",")}${nbsp}с`;
  if (seconds < 90) return `${Math.round(seconds)}${nbsp}с`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)}${nbsp}мин`;
  if (seconds < 36 * 3600) return `${Math.round(seconds / 3600)}${nbsp}ч`;
  return `${Math.round(seconds / 86_400)}${nbsp}дн.`;
}

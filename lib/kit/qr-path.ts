import QRCode from "qrcode";

/** Modules of white around a code that scanners want. */
const QUIET = 4;

/**
 * A QR code, level M, as one SVG path in module units, quiet zone included: `viewBox="0 0 size size"`. Byte mode, as the
 * standard for payments by requisites wants and banks' links allow.
 */
export function qrPath(payload: string): { path: string; size: number } {
  const { modules } = QRCode.create([{ data: Buffer.from(payload, "utf8"), mode: "byte" }], { errorCorrectionLevel: "M" });
  let path = "";
  for (let row = 0; row < modules.size; row += 1) {
    for (let from = 0; from < modules.size; from += 1) {
      if (!modules.get(row, from)) continue;
      let to = from;
      while (to < modules.size && modules.get(row, to)) to += 1;
      path += `M${from + QUIET} ${row + QUIET}h${to - from}v1h-${to - from}z`;
      from = to;
    }
  }
  return { path, size: modules.size + 2 * QUIET };
}

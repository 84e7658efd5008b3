import QRCode from "qrcode";

/** INV-10: modules of at least 0.4 mm (1.134 points) and a quiet zone of four. */
const modulePoints = 1.2;
const quietModules = 4;

/** The QR as one dark path on white, in points; drawn as a single shape so that no seams show between modules. */
export function qrSvg(payload: string): { svg: string; sizePoints: number } {
  // One byte segment: the standard wants byte mode, while the library would mix modes to save space.
  const { modules } = QRCode.create([{ data: Buffer.from(payload, "utf8"), mode: "byte" }], { errorCorrectionLevel: "M" });
  let path = "";
  for (let row = 0; row < modules.size; row += 1) {
    for (let column = 0; column < modules.size; column += 1) {
      const from = column;
      while (column < modules.size && modules.get(row, column)) column += 1;
      if (column > from) path += `M${from + quietModules} ${row + quietModules}h${column - from}v1h${from - column}z`;
    }
  }
  const size = modules.size + 2 * quietModules;
  const sizePoints = size * modulePoints;
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${sizePoints}" height="${sizePoints}" viewBox="0 0 ${size} ${size}"><rect width="${size}" height="${size}" fill="#fff"/><path d="${path}" fill="#000"/></svg>`,
    sizePoints,
  };
}

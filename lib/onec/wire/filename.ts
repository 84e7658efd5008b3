/** CML-11: names of files that a client gives us. Nothing of them reaches a path unless it passed here. */

export type ExchangeFileName = {
  /** Relative, forward slashes; for XML and zip only the base name, since real clients put harmless folders before it. */
  path: string;
  base: string;
  extension: "xml" | "zip" | "other";
};

const segmentsMax = 8;
const segmentBytesMax = 200;
/** Letters of any alphabet, digits and the four signs that 1C uses. */
const segmentShape = /^[\p{L}\p{N}._#-]+$/u;

/** Null when the name must be refused. */
export function exchangeFileName(given: string): ExchangeFileName | null {
  // Windows clients write backslashes; a leading one, like a leading slash, is an absolute path.
  const segments = given.replaceAll("\\", "/").split("/");
  if (segments.length > segmentsMax || !segments.every(isHarmless)) return null;
  const base = segments.at(-1) ?? "";
  const extension = extensionOf(base);
  return { path: extension === "other" ? segments.join("/") : base, base, extension };
}

const isHarmless = (segment: string) =>
  segmentShape.test(segment) && !/^\.+$/.test(segment) && !segment.endsWith(".") && Buffer.byteLength(segment) <= segmentBytesMax;

function extensionOf(base: string): ExchangeFileName["extension"] {
  const lower = base.toLowerCase();
  return lower.endsWith(".xml") ? "xml" : lower.endsWith(".zip") ? "zip" : "other";
}

/** What a file is by its first bytes (INV-14): the header of the request may be copied from another one. Pure. */
import type { DocumentMime } from "./states.ts";

const starts = (bytes: Uint8Array, text: string) => Buffer.from(bytes.subarray(0, text.length)).toString("latin1") === text;

/** Null for what is not kept: other formats, and XML that a browser would draw (HTML, SVG). */
export function sniffFile(bytes: Uint8Array): DocumentMime | null {
  if (starts(bytes, "%PDF-")) return "application/pdf";
  if (starts(bytes, "\u0089PNG\r\n\u001a\n")) return "image/png";
  const head = Buffer.from(bytes.subarray(0, 4_096)).toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "");
  if (!/^\s*<\?xml\s/.test(head)) return null;
  // Everything before the first element: declaration, comments, instructions.
  const root = /<(?![?!])(?:[\w.-]+:)?([^\s/>:]+)/.exec(head.replace(/<!--[\s\S]*?-->/g, ""))?.[1] ?? "";
  return root === "" || /^(?:html|svg)$/i.test(root) || /<!(?:DOCTYPE|ENTITY)/i.test(head) ? null : "application/xml";
}

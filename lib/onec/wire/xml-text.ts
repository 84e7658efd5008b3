/** Writing of XML for 1C: escaped, indented by tabs as 1C does, empty elements left out (CML-27). */

/** Control characters, lone surrogates and U+FFFE/U+FFFF cannot stand in XML 1.0, not even escaped. */
// oxlint-disable-next-line no-control-regex
const impossible = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;" };

export const escapeXml = (text: string): string => text.replace(impossible, "").replace(/[&<>"\r]/g, (sign) => entities[sign] ?? sign);

/** What may stand inside an element; false, null, undefined and empty texts leave no trace. */
export type Content = string | null | undefined | false | Element | Content[];

export type Element = { name: string; attributes: Record<string, string | null | undefined>; content: Content[] };

export const element = (name: string, ...content: Content[]): Element => ({ name, attributes: {}, content });

export const withAttributes = (name: string, attributes: Element["attributes"], ...content: Content[]): Element => ({ name, attributes, content });

/** Empty text when the element has neither attributes nor content. */
export function render(node: Element, indent = ""): string {
  const attributes = Object.entries(node.attributes)
    .flatMap(([name, value]) => (value ? [` ${name}="${escapeXml(value)}"`] : []))
    .join("");
  const { text, children } = renderContent(node.content, `${indent}\t`);
  if (!text && !children) return attributes ? `${indent}<${node.name}${attributes}/>\n` : "";
  const closing = `</${node.name}>\n`;
  return children
    ? `${indent}<${node.name}${attributes}>${text}\n${children}${indent}${closing}`
    : `${indent}<${node.name}${attributes}>${text}${closing}`;
}

function renderContent(content: Content[], indent: string): { text: string; children: string } {
  let text = "";
  let children = "";
  for (const each of content) {
    if (!each) continue;
    if (typeof each === "string") {
      text += escapeXml(each.trim());
    } else if (Array.isArray(each)) {
      const inner = renderContent(each, indent);
      text += inner.text;
      children += inner.children;
    } else {
      children += render(each, indent);
    }
  }
  return { text, children };
}

/** A document as people may see it (SEC-03): contacts masked for everybody, names, requisites and comments hidden from who sees no buyers. Pure. */
import { maskName } from "@/lib/auth/scope.ts";
import { parseJsonExactly } from "@/lib/kit/json.ts";
import { redactText } from "@/lib/kit/redact.ts";
import type { Payload } from "@/lib/onec-messages/index.ts";

const buyerElements = /<(Контрагенты|Комментарий)>[\s\S]*?<\/\1>/gu;
const texts = />([^<>]+)</gu;
const buyerKeys = new Set(["name", "fullName", "inn", "kpp", "address", "comment"]);
const buyerParents = new Set(["customer", "buyer", "counterparty"]);

/** Pretty-printed and masked. What is no whole document any more (cut, damaged) is only masked. */
export function shownPayload({ format, text }: Payload, seesBuyers: boolean, { isBuyer = false }: { /** The whole object is a buyer, not an order of one. */ isBuyer?: boolean } = {}): string {
  if (format === "json") {
    try {
      return redactText(JSON.stringify(hide(parseJsonExactly(text), seesBuyers, isBuyer ? "counterparty" : ""), null, 2));
    } catch {
      return seesBuyers ? redactText(text) : "Документ повреждён и показан быть не может";
    }
  }
  const open = seesBuyers ? text : text.replace(buyerElements, (part) => part.replace(texts, (_, value: string) => `>${value.trim() === "" ? value : maskName(value)}<`));
  return redactText(indent(open));
}

function hide(value: unknown, seesBuyers: boolean, parent: string): unknown {
  if (Array.isArray(value)) return value.map((each) => hide(each, seesBuyers, parent));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => {
    const isPersonal = !seesBuyers && typeof inner === "string" && inner !== "" && (key === "comment" || key === "buyerName" || (buyerKeys.has(key) && buyerParents.has(parent)));
    return [key, isPersonal ? maskName(inner) : hide(inner, seesBuyers, key)];
  }));
}

/** One element a line; a text stays beside its element. */
function indent(xml: string): string {
  const parts = xml.replace(/>\s+</gu, "><").match(/<[^>]*>|[^<]+/gu) ?? [];
  const lines: string[] = [];
  let depth = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!;
    if (part.startsWith("</")) depth = Math.max(0, depth - 1);
    const [text, close] = [parts[i + 1], parts[i + 2]];
    const isLeaf = part.startsWith("<") && !part.startsWith("</") && !part.endsWith("/>") && text !== undefined && !text.startsWith("<") && close?.startsWith("</");
    const isEmptyPair = part.startsWith("<") && !part.startsWith("</") && !part.endsWith("/>") && text?.startsWith("</");
    lines.push(`${"  ".repeat(depth)}${isLeaf ? `${part}${text}${close}` : isEmptyPair ? `${part}${text}` : part}`);
    if (isLeaf) i += 2;
    else if (isEmptyPair) i += 1;
    else if (part.startsWith("<") && !part.startsWith("</") && !part.startsWith("<?") && !part.startsWith("<!") && !part.endsWith("/>")) depth += 1;
  }
  return lines.join("\n");
}

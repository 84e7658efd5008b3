import { SaxesParser } from "saxes";

/** An element by its local name. */
export type Node = { name: string; attributes: Record<string, string>; children: Node[]; text: string };

const MAX_DEPTH = 32;

/** Parses a whole answer; throws on malformed XML and on a DOCTYPE. */
export function readXml(text: string): Node {
  const parser = new SaxesParser();
  const root: Node = { name: "", attributes: {}, children: [], text: "" };
  const stack: Node[] = [root];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("doctype", () => {
    throw new Error("DOCTYPE в ответе сайта");
  });
  parser.on("opentag", (tag) => {
    if (stack.length > MAX_DEPTH) throw new Error("слишком глубокий XML");
    const node: Node = { name: local(tag.name), attributes: tag.attributes, children: [], text: "" };
    stack.at(-1)?.children.push(node);
    stack.push(node);
  });
  parser.on("closetag", () => void stack.pop());
  parser.on("text", (chunk) => {
    const top = stack.at(-1);
    if (top) top.text += chunk;
  });
  parser.on("cdata", (chunk) => {
    const top = stack.at(-1);
    if (top) top.text += chunk;
  });
  parser.write(text).close();
  const first = root.children[0];
  if (!first) throw new Error("в ответе сайта нет корня XML");
  return first;
}

function local(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

export const child = (node: Node, name: string): Node | undefined => node.children.find((c) => c.name === name);
export const all = (node: Node, name: string): Node[] => node.children.filter((c) => c.name === name);

/** Text of a child, or undefined when the child is absent. */
export function textOf(node: Node, name: string): string | undefined {
  return child(node, name)?.text.trim();
}

/** ЗначенияРеквизитов as a map, first value wins. */
export function requisites(node: Node): Map<string, string> {
  const map = new Map<string, string>();
  for (const one of all(child(node, "ЗначенияРеквизитов") ?? node, "ЗначениеРеквизита")) {
    const name = textOf(one, "Наименование");
    if (name !== undefined && !map.has(name)) map.set(name, textOf(one, "Значение") ?? "");
  }
  return map;
}

import { moscow } from "../core/clock.ts";

export function requisite(out: Writer, name: string, value: string): void {
  out.open("ЗначениеРеквизита");
  out.leaf("Наименование", name);
  out.leaf("Значение", value);
  out.close("ЗначениеРеквизита");
}

/** `2026-11-18T9:05:00`: the hour may have one digit. */
export function onecDate(ms: number): string {
  return moscow(ms).replace(/ 0?(\d+):/, "T$1:");
}

export class Writer {
  private readonly rows: string[] = [];
  private depth = 0;
  raw(text: string): void {
    this.rows.push("\t".repeat(this.depth) + text);
  }
  open(name: string, attributes = ""): void {
    this.raw(`<${name}${attributes ? ` ${attributes}` : ""}>`);
    this.depth += 1;
  }
  close(name: string): void {
    this.depth -= 1;
    this.raw(`</${name}>`);
  }
  leaf(name: string, value: string): void {
    this.raw(`<${name}>${escapeXml(value)}</${name}>`);
  }
  empty(name: string, attributes: Record<string, string>): void {
    this.raw(`<${name} ${Object.entries(attributes).map(([k, v]) => `${k}="${escapeXml(v).replace(/"/g, "&quot;")}"`).join(" ")}/>`);
  }
  text(): string {
    return this.rows.join("\r\n");
  }
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

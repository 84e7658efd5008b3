import { decode as decodeCharset, encodingExists } from "iconv-lite";

export type Attachment = { name: string; type: string; bytes: Buffer };
export type Letter = { from: string; to: string; subject: string; date: string; text: string; html: string; attachments: Attachment[] };

type Headers = Map<string, string>;
type Leaf = { headers: Headers; bytes: Buffer };

const MAX_DEPTH = 8;
const MAX_PARTS = 100;

/** Reads a whole letter: multipart trees, base64 and quoted-printable, RFC 2047 and RFC 2231 names. */
export function readLetter(raw: Buffer): Letter {
  const leaves: Leaf[] = [];
  const headers = walk(raw, leaves, 0);
  const letter: Letter = {
    from: word(headers.get("from") ?? ""),
    to: word(headers.get("to") ?? ""),
    subject: word(headers.get("subject") ?? ""),
    date: headers.get("date") ?? "",
    text: "",
    html: "",
    attachments: [],
  };
  for (const leaf of leaves) {
    const type = parameter(leaf.headers.get("content-type") ?? "text/plain");
    const disposition = parameter(leaf.headers.get("content-disposition") ?? "");
    const name = word(disposition.params.get("filename") ?? type.params.get("name") ?? "");
    if (disposition.value !== "attachment" && name === "" && type.value === "text/html" && letter.html === "") letter.html = text(leaf.bytes, type.params.get("charset"));
    else if (disposition.value !== "attachment" && name === "" && type.value === "text/plain" && letter.text === "") letter.text = text(leaf.bytes, type.params.get("charset"));
    else letter.attachments.push({ name: name || "без имени", type: type.value, bytes: leaf.bytes });
  }
  return letter;
}

function walk(raw: Buffer, leaves: Leaf[], depth: number): Headers {
  const latin = raw.toString("latin1");
  const gap = /\r?\n\r?\n/.exec(latin);
  const head = gap ? latin.slice(0, gap.index) : latin;
  const body = gap ? latin.slice(gap.index + gap[0].length) : "";
  const headers = readHeaders(head);
  const type = parameter(headers.get("content-type") ?? "text/plain");
  const boundary = type.params.get("boundary");
  if (type.value.startsWith("multipart/") && boundary && depth < MAX_DEPTH) {
    const parts = body.split(`--${boundary}`).slice(1, MAX_PARTS);
    for (const part of parts) {
      if (part.startsWith("--")) break;
      walk(Buffer.from(part.replace(/^[ \t]*\r?\n/, "").replace(/\r?\n$/, ""), "latin1"), leaves, depth + 1);
    }
    return headers;
  }
  if (leaves.length < MAX_PARTS) leaves.push({ headers, bytes: decodeTransfer(body, headers.get("content-transfer-encoding") ?? "") });
  return headers;
}

function readHeaders(head: string): Headers {
  const headers: Headers = new Map();
  const unfolded = Buffer.from(head, "latin1").toString("utf8").replace(/\r?\n[ \t]+/g, " ");
  for (const line of unfolded.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && !headers.has(line.slice(0, colon).toLowerCase())) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

function decodeTransfer(body: string, encoding: string): Buffer {
  switch (encoding.trim().toLowerCase()) {
    case "base64":
      return Buffer.from(body, "base64");
    case "quoted-printable":
      return Buffer.from(body.replace(/[ \t]+(?=\r?\n)/g, "").replace(/=\r?\n/g, "").replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))), "latin1");
    default:
      return Buffer.from(body, "latin1");
  }
}

function text(bytes: Buffer, charset = "utf-8"): string {
  return decodeCharset(bytes, encodingExists(charset) ? charset : "utf-8");
}

/** RFC 2047 encoded words in a header. */
function word(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, "?==?")
    .replace(/=\?([^?*\s]+)(?:\*[^?]*)?\?([BbQq])\?([^?]*)\?=/g, (_, charset: string, kind: string, data: string) =>
      text(kind.toUpperCase() === "B" ? Buffer.from(data, "base64") : decodeTransfer(data.replace(/_/g, " "), "quoted-printable"), charset),
    );
}

/** `value; name=text; name*=utf-8''…; name*0*=…` of a structured header. */
function parameter(header: string): { value: string; params: Map<string, string> } {
  const params = new Map<string, string>();
  const pieces = new Map<string, string[]>();
  const value = (/^[^;]*/.exec(header)?.[0] ?? "").trim().toLowerCase();
  for (const m of header.slice(value.length).matchAll(/;\s*([^=\s;]+)=("(?:[^"\\]|\\.)*"|[^;]*)/g)) {
    const key = (m[1] ?? "").toLowerCase();
    const bare = (m[2] ?? "").trim().replace(/^"|"$/g, "").replace(/\\(.)/g, "$1");
    const [name = "", index] = key.split("*");
    if (!key.includes("*")) params.set(name, bare);
    else if (index === "" || index === undefined) params.set(name, extended(bare));
    else (pieces.get(name) ?? pieces.set(name, []).get(name) ?? []).push(bare);
  }
  for (const [name, list] of pieces) params.set(name, extended(list.join("")));
  return { value, params };
}

function extended(raw: string): string {
  const m = /^([^']*)'[^']*'(.*)$/.exec(raw);
  const data = (m?.[2] ?? raw).replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return m ? text(Buffer.from(data, "latin1"), m[1] || "utf-8") : data;
}

import { SaxesParser } from "saxes";
import { describe, expect, test } from "vitest";
import { fixture } from "./fixtures/read-fixture.ts";
import { XmlTokens } from "./xml-tokens.ts";

/** Events as lines, neighbouring texts joined; a refusal as its last line. */
class Story {
  readonly lines: string[] = [];
  private said = "";

  text(piece: string) {
    this.said += piece;
  }
  add(line: string) {
    if (this.said !== "") this.lines.push(`text ${JSON.stringify(this.said)}`);
    this.said = "";
    this.lines.push(line);
  }
}

const shown = (name: string, attributes: Readonly<Record<string, string>>) => `<${name} ${JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
const plainName = (name: string) => (name.includes(":") ? name.slice(name.indexOf(":") + 1) : name);

class Refused extends Error {}

function ours(bytes: Buffer, pieceBytes: number): string[] {
  const story = new Story();
  const tokens = new XmlTokens(
    {
      wantsText: () => true,
      open: (tag) => story.add(shown(tag.name, tag.attributes)),
      text: (piece) => story.text(piece),
      close: () => story.add(">"),
      fail: () => {
        throw new Refused();
      },
    },
    1_000_000,
  );
  try {
    // Pieces end between characters, as the decoder gives them.
    const text = [...bytes.toString()];
    for (let from = 0; from < text.length; from += pieceBytes) tokens.write(Buffer.from(text.slice(from, from + pieceBytes).join("")));
    tokens.end();
    story.add("end");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    story.add("refused");
  }
  return story.lines;
}

function theirs(bytes: Buffer): string[] {
  const story = new Story();
  const parser = new SaxesParser({ xmlns: false, position: false });
  // saxes hands spaces between the root's neighbours over as text.
  let depth = 0;
  parser.on("error", () => {
    throw new Refused();
  });
  parser.on("doctype", () => {
    throw new Refused();
  });
  parser.on("opentag", (tag) => {
    depth += 1;
    story.add(shown(plainName(tag.name), tag.attributes));
  });
  const text = (piece: string) => {
    if (depth > 0) story.text(piece);
  };
  parser.on("text", text);
  parser.on("cdata", text);
  parser.on("closetag", () => {
    depth -= 1;
    story.add(">");
  });
  try {
    parser.write(bytes.toString());
    parser.close();
    story.add("end");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    story.add("refused");
  }
  return story.lines;
}

/** saxes closes a tag before it says that the name was wrong; what was told before a refusal must otherwise be the same. */
function compare(bytes: Buffer, pieceBytes = 1 << 20): void {
  const [mine, other] = [ours(bytes, pieceBytes), theirs(bytes)];
  if (other.at(-1) !== "refused") return void expect(mine).toEqual(other);
  expect(mine.at(-1), bytes.toString()).toBe("refused");
  const told = (lines: string[]) => lines.slice(0, -1).filter((line) => !line.startsWith("text"));
  const common = Math.min(told(mine).length, told(other).length);
  expect(told(mine).slice(0, common)).toEqual(told(other).slice(0, common));
}

const files = ["orders-ut11-legal.xml", "orders-ut11-individual.xml", "orders-unf-subordinate.xml", "orders-ut11-status-reupload.xml", "query-answer-ut11-paid.xml"];
const withoutMark = (bytes: Buffer) => (bytes[0] === 0xef ? bytes.subarray(3) : bytes);

/** Numerical Recipes: the same mutations in every run. */
function* chance(seed: number): Generator<number, never, undefined> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

describe("CML-17: XML is read as saxes reads it", () => {
  test.each(files)("%s, whole and in small pieces", (name) => {
    const bytes = withoutMark(fixture(name));
    compare(bytes);
    compare(bytes, 7);
  });

  test.each([
    "<a/>", "<a ></a >", "<a b='1' c = \"2\"/>", "<a b='1'c='2'/>", "<a b='1' b='2'/>", "<a b=1/>", "<a b/>", "<a b='<'/>", "<a b='>'>x</a>", "<a b='&lt;&#10;\n\t'/>",
    "<a>]]></a>", "<a>]]</a>", "<a><![CDATA[]]]]><![CDATA[>]]></a>", "<![CDATA[x]]><a/>", "<a><!-- - --></a>", "<a><!-- -- --></a>", "<a><!----></a>", "<!--x--><a/><!--y-->", "<a/><b/>",
    "<a>&amp;&lt;&gt;&quot;&apos;&#x41;&#1086;</a>", "<a>&#0;</a>", "<a>&#xFFFE;</a>", "<a>&nbsp;</a>", "<a>& b</a>", "<a>&amp</a>", "<a>a\r\nb\rc</a>", "<a>\u0001</a>", "<a>\u007f\u0085</a>", "<a>\ufffe</a>", "<a>\ufffd😀</a>",
    "<?xml version='1.0'?><a/>", "<?xml version='1.0' encoding='utf-8' standalone='yes' ?><a/>", "<?xml encoding='utf-8'?><a/>", " <?xml version='1.0'?><a/>", "<?xml version='2.0'?><a/>", "<a><?xml version='1.0'?></a>",
    "<?pi?><a/>", "<a><?pi x ? > ?></a>", "<a><? x?></a>", "<1a/>", "<a:b></a:b>", "<a-.1/>", "<a·/>", "<-a/>", "< a/>", "<a></b>", "<a></ a>", "</a>", "<a/ >", "<a></a", "<a", "<a b='", "", "  ", "x", "<a/>x", "<a/> ", "<!DOCTYPE a><a/>", "<a><!ELEMENT b></a>", "<a>x<!-- c --> <!-- d -->y</a>", "<a> <b> x </b> </a>", "<>", "<a><></>",
  ])("%j", (text) => {
    compare(Buffer.from(text));
    compare(Buffer.from(text), 1);
  });

  test("500 damaged files: the same events, the same verdict", () => {
    const signs = ["<", ">", "/", "&", ";", "'", '"', "=", "!", "?", "-", "]", " ", "\r", "\u0001", "я", "&amp;", "<!--", "-->", "<![CDATA[", "]]>", "<?x?>", "</", "/>", "&#65;", "\ufffe"];
    const next = chance(20_261_128);
    const random = (below: number) => Math.floor(next.next().value * below);
    const verdicts = { end: 0, refused: 0 };
    for (let round = 0; round < 500; round++) {
      let text = withoutMark(fixture(files[random(files.length)]!)).toString().slice(0, 1_500);
      // A short whole document, so that damage is not always drowned in "cut off".
      text = `<r>${text.slice(text.indexOf("<Документ>"), text.indexOf("<Товары>")).replaceAll("<Документ>", "")}</r>`;
      for (let damage = random(3); damage >= 0; damage--) {
        const at = random(text.length);
        const what = random(3);
        text = what === 0 ? text.slice(0, at) + signs[random(signs.length)]! + text.slice(at) : what === 1 ? text.slice(0, at) + text.slice(at + 1 + random(6)) : text.slice(0, at) + signs[random(signs.length)]! + text.slice(at + 1);
      }
      const bytes = Buffer.from(text);
      compare(bytes, 1 + random(200));
      verdicts[theirs(bytes).at(-1) as "end" | "refused"] += 1;
    }
    // Neither verdict may be the only one met.
    expect(Math.min(verdicts.end, verdicts.refused)).toBeGreaterThan(50);
  });
});

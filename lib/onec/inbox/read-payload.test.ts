import { expect, test } from "vitest";
import { fixture } from "../wire/fixtures/read-fixture.ts";
import { textOfFile } from "./read-payload.ts";

test("A9: a file is tried as the exchange would read it: by its mark, its declaration, or by its bytes against both", () => {
  const short = fixture("orders-ut103-short-1251.xml");
  const undeclared = Buffer.from(short.toString("latin1").replace(/<\?xml[^>]*\?>/, ""), "latin1");
  const wrongly = Buffer.from(short.toString("latin1").replace("windows-1251", "UTF-8"), "latin1");
  for (const bytes of [short, undeclared, wrongly]) expect(textOfFile(bytes)).toMatch(/<КоммерческаяИнформация[\s\S]*<Номер>S-10240<\/Номер>/);
  expect(textOfFile(Buffer.from('{"orders":[]}'))).toBe('{"orders":[]}');
  expect(() => textOfFile(Buffer.from('<?xml version="1.0" encoding="koi8-r"?><x/>'))).toThrow("Кодировка koi8-r не поддерживается, нужна UTF-8 или windows-1251");
});

import { expect, test } from "vitest";
import { readBody } from "./read-body.ts";

const post = (body: BodyInit, headers: Record<string, string> = {}) => new Request("http://x.test", { method: "POST", body, headers, duplex: "half" } as RequestInit);

test("a body within the limit is read whole, letters cut across pieces included", async () => {
  const bytes = new TextEncoder().encode("сумма=1");
  const pieces = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, 3));
      controller.enqueue(bytes.slice(3));
      controller.close();
    },
  });
  expect(await readBody(post(pieces), 64)).toBe("сумма=1");
});

test("a body over the limit is refused, whether it says its size or not", async () => {
  expect(await readBody(post("x".repeat(65)), 64)).toBeNull();
  expect(await readBody(post("x".repeat(64)), 64)).toHaveLength(64);
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(32)) });
  expect(await readBody(post(endless), 64)).toBeNull();
  expect(await readBody(post("x", { "content-length": "9999" }), 64)).toBeNull();
});

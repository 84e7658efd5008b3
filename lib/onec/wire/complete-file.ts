/** How much of a file's end `endsOrderFile` wants to see. */
export const completeTailBytes = 2048;

/**
 * CML-13: true when the last bytes of a file close the root element, so that it can be processed although `import` never
 * came. Works on raw bytes of either encoding; a wrong "yes" is harmless, since the parser has the last word.
 */
export function endsOrderFile(tail: Uint8Array): boolean {
  const last = tail.subarray(-completeTailBytes);
  return ["utf-8", "windows-1251"].some((encoding) => closes.test(new TextDecoder(encoding).decode(last)));
}

const closes = /<(?:\/(?:[\w.-]+:)?КоммерческаяИнформация\s*|(?:[\w.-]+:)?КоммерческаяИнформация(?:\s[^<>]*)?\/)>\s*$/u;

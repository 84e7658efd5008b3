/**
 * JSON.parse with every number kept as the text that was sent: 17-digit ids are not rounded and sums never become floats.
 * @throws SyntaxError
 */
export function parseJsonExactly(text: string): unknown {
  return JSON.parse(
    text.replace(/"[^"\\]*(?:\\[^][^"\\]*)*"|-?\d[\d.eE+-]*/g, (token) => {
      if (token.startsWith('"')) return token;
      // Only what JSON calls a number may pass, or quoting would make broken input valid.
      return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(token) ? `"${token}"` : token;
    }),
  );
}

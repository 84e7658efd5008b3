/** A buyer who follows a link to a file that is not there sees a page, a program the bare text; both get 404. */
export async function missingFile(request: Request, answer: Response): Promise<Response> {
  if (answer.status !== 404 || !(request.headers.get("accept") ?? "").includes("text/html")) return answer;
  // The words are ours (`giveBuyerFile`); nothing of the address comes into the page.
  const text = await answer.text();
  const headers = new Headers(answer.headers);
  headers.set("content-type", "text/html; charset=utf-8");
  return new Response(pageOf(text, request.headers.get("x-nonce") ?? ""), { status: 404, headers });
}

/** Tokens of theme.css, written out: this answer has no stylesheet of the app. */
const css = `:root{color-scheme:light dark;--bg:#fcfcfd;--ink:#14171d;--soft:#5c6169}
@media(prefers-color-scheme:dark){:root{--bg:#0d0e12;--ink:#f2f3f5;--soft:#a0a5ac}}
body{margin:0;background:var(--bg);color:var(--ink);font:16px/24px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{box-sizing:border-box;display:flex;flex-direction:column;justify-content:center;gap:16px;min-height:100dvh;max-width:520px;margin:0 auto;padding:40px 16px}
h1{font-size:22px;line-height:28px;font-weight:600;letter-spacing:-.01em;margin:0}p{margin:0;color:var(--soft)}`;

const pageOf = (text: string, nonce: string): string => `<!doctype html><html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">
<title>Документ не открывается</title><style nonce="${/^[A-Za-z0-9+/=]*$/.test(nonce) ? nonce : ""}">${css}</style></head><body><main><h1>Документ не открывается</h1><p>${text}</p></main></body></html>`;

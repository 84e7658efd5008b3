/** HTML that is already safe. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | bigint | null | undefined | false | Part[];

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

function render(part: Part): string {
  if (part === null || part === undefined || part === false) return "";
  if (Array.isArray(part)) return part.map(render).join("");
  return part instanceof Html ? part.text : escapeHtml(String(part));
}

/** Template tag: every value is escaped unless it is Html. */
export function html(strings: TemplateStringsArray, ...values: Part[]): Html {
  return new Html(strings.reduce((all, s, i) => all + s + (i < values.length ? render(values[i]) : ""), ""));
}

const CSS = `
:root{color-scheme:light dark;--bg:#f5f6f8;--card:#fff;--ink:#16191d;--soft:#5c6570;--line:#dfe3e8;--main:#1f5fd6;--ok:#137a43;--bad:#b3261e;--tint:#eef3fc}
@media(prefers-color-scheme:dark){:root{--bg:#131519;--card:#1c1f24;--ink:#eceef1;--soft:#9aa3ad;--line:#30353c;--main:#7aa7ff;--ok:#5fd394;--bad:#ff8a80;--tint:#202a3b}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1080px;margin:0 auto;padding:20px 16px 64px}main.phone{max-width:430px}
h1{font-size:24px;line-height:1.25;margin:8px 0 16px}h2{font-size:18px;margin:28px 0 10px}h3{font-size:16px;margin:16px 0 6px}p{margin:8px 0}
a{color:var(--main)}small,.soft{color:var(--soft)}.sum{font-size:34px;font-weight:650;font-variant-numeric:tabular-nums;margin:4px 0}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px;margin:12px 0}.grid{display:grid;gap:12px;grid-template-columns:repeat(auto-fill,minmax(260px,1fr))}.grid .card{margin:0}
.ok{color:var(--ok)}.bad{color:var(--bad)}.badge{display:inline-block;border:1px solid currentColor;border-radius:99px;padding:0 9px;font-size:13px;white-space:nowrap}
select,input,textarea{max-width:100%;min-width:0}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:8px 10px;border-bottom:1px solid var(--line);vertical-align:top}th{font-size:13px;color:var(--soft);font-weight:500}td.num,th.num{text-align:right;white-space:nowrap}.scroll{overflow-x:auto}
button,.button{font:inherit;font-weight:550;display:inline-block;text-align:center;text-decoration:none;min-height:44px;padding:9px 16px;border-radius:10px;border:1px solid var(--main);background:var(--main);color:var(--card);cursor:pointer}
button.quiet,.button.quiet{background:transparent;color:var(--main);border-color:var(--line)}button.wide,.button.wide{width:100%;margin:6px 0}button:focus-visible,a:focus-visible,input:focus-visible,select:focus-visible,textarea:focus-visible{outline:3px solid var(--main);outline-offset:2px}
input,select,textarea{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:8px 10px;min-height:44px;max-width:100%}input[type=radio],input[type=checkbox]{min-height:0;width:20px;height:20px;vertical-align:-4px;margin:0 8px 0 0}
label{display:block;margin:8px 0 4px}label.pick{border:1px solid var(--line);border-radius:10px;padding:11px 12px}label.pick:has(:checked){border-color:var(--main);background:var(--tint)}
form.row{display:flex;flex-wrap:wrap;gap:8px;align-items:end;margin:8px 0}form.row label{margin:0}form.row>*{min-width:0;max-width:100%}.row button{margin:0}
pre{white-space:pre-wrap;word-break:break-word;background:var(--bg);border:1px solid var(--line);border-radius:8px;padding:10px;font-size:13px;max-height:420px;overflow:auto}
.qr{display:block;margin:12px auto;background:#fff;padding:10px;border-radius:10px;width:240px;max-width:100%}.qr svg,.qr img{display:block;width:100%;height:auto}iframe{width:100%;height:60vh;border:1px solid var(--line);border-radius:8px;background:#fff}
.card>h2:first-child{margin-top:0}.phone td{padding:8px 3px}.phone td:first-child{padding-left:0}.phone td:last-child{padding-right:0}
nav{display:flex;gap:14px;flex-wrap:wrap;font-size:14px;padding:4px 0 8px}
p,h1,h2,h3,li,dd{overflow-wrap:anywhere}
@media(pointer:coarse){nav{gap:0 14px}nav a,h2>a,p>a:only-child,td>a{display:inline-flex;align-items:center;min-height:44px}label:has(input[type=checkbox]):not(.pick){padding:10px 0}}`;

export type PageOptions = { phone?: boolean; nav?: boolean; refreshSeconds?: number; refreshTo?: string };

/** A whole page in Russian. `refreshTo` must be a checked address. */
export function page(title: string, body: Html, options: PageOptions = {}): string {
  const refresh = options.refreshSeconds
    ? html`<meta http-equiv="refresh" content="${options.refreshSeconds}${options.refreshTo ? `;url=${options.refreshTo}` : ""}">`
    : "";
  const nav = options.nav
    ? html`<nav><a href="/">Песочница</a><a href="/paykeeper/">PayKeeper</a><a href="/ofd/">Касса и ОФД</a><a href="/bases/">Базы 1С</a><a href="/onec/">УТ</a><a href="/mail/">Почта</a><a href="/log/">Журнал</a></nav>`
    : "";
  return html`<!doctype html><html lang="ru"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">${refresh}<title>${title}</title><style>${new Html(CSS)}</style></head><body><main${options.phone ? new Html(' class="phone"') : ""}>${nav}${body}</main></body></html>`.text;
}

/** http(s) address or null: what may stand in a link that came from outside. */
export function safeLink(url: string | null | undefined): string | null {
  if (!url) return null;
  try {
    const parsed = new URL(url);
    return parsed.protocol === "http:" || parsed.protocol === "https:" ? parsed.href : null;
  } catch {
    return null;
  }
}

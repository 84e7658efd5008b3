import { send, sendHtml, sendJson, type Call } from "../core/http.ts";
import { humanMoment, moscow } from "../core/clock.ts";
import { html, page } from "../core/page.ts";
import type { Mailbox, StoredLetter } from "./mailbox.ts";

/** /mail/: the box of everybody. */
export function mailPages(mailbox: Mailbox, call: Call): void {
  const m = /^\/mail\/(\d{1,9})(?:\/(\d{1,3}))?\/?$/.exec(call.path);
  const letter = m ? mailbox.get(Number(m[1])) : null;
  if (m && !letter) return sendHtml(call, 404, page("Письмо не найдено", html`<h1>Письмо не найдено</h1>`, { nav: true }));
  if (letter && m?.[2] !== undefined) {
    const file = letter.attachments[Number(m[2])];
    if (!file) return sendHtml(call, 404, page("Вложение не найдено", html`<h1>Вложение не найдено</h1>`, { nav: true }));
    return send(call, 200, "application/octet-stream", file.bytes, {
      "Content-Disposition": `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      "X-Content-Type-Options": "nosniff",
    });
  }
  if (letter) return showLetter(call, letter);
  const rows = mailbox.list().map((l) => html`<tr><td>${humanMoment(l.at)}</td><td>${l.envelopeTo.join(", ")}</td>
    <td><a href="/mail/${l.id}">${l.subject || "(без темы)"}</a></td><td>${l.attachments.length > 0 ? `📎 ${l.attachments.length}` : ""}</td></tr>`);
  const body = html`<h1>Почта</h1>${rows.length === 0 ? html`<p>Писем ещё не было.</p>` : html`<div class="card scroll" tabindex="0"><table><tr><th>Пришло</th><th>Кому</th><th>Тема</th><th></th></tr>${rows}</table></div>`}`;
  sendHtml(call, 200, page("Почта", body, { nav: true, refreshSeconds: 10 }));
}

function showLetter(call: Call, l: StoredLetter): void {
  const body = html`<h1>${l.subject || "(без темы)"}</h1>
    <p><span class="soft">От:</span> ${l.from}<br><span class="soft">Кому:</span> ${l.envelopeTo.join(", ")}<br><span class="soft">Пришло:</span> ${humanMoment(l.at)}</p>
    ${l.attachments.length > 0 ? html`<div class="card"><h2>Вложения</h2>${l.attachments.map((a, i) => html`<p><a href="/mail/${l.id}/${i}">${a.name}</a> <small>${a.type}, ${a.bytes.length} байт</small></p>`)}</div>` : ""}
    ${l.html ? html`<iframe sandbox="" title="Письмо" srcdoc="${l.html}"></iframe>` : ""}
    ${l.text ? html`<h2>Текст</h2><pre>${l.text}</pre>` : ""}`;
  sendHtml(call, 200, page(l.subject, body, { nav: true }));
}

/** GET /_ctl/mail[?to=address]; DELETE empties the box. */
export function mailControl(mailbox: Mailbox, call: Call): void {
  if (call.method === "DELETE") {
    mailbox.clear();
    return sendJson(call, 200, { ok: true });
  }
  const to = call.url.searchParams.get("to") ?? undefined;
  sendJson(call, 200, {
    letters: mailbox.list(to).map((l) => ({
      id: l.id, at: moscow(l.at), from: l.from, to: l.envelopeTo, subject: l.subject, text: l.text, html: l.html,
      attachments: l.attachments.map((a, i) => ({ name: a.name, type: a.type, size: a.bytes.length, url: `/mail/${l.id}/${i}` })),
    })),
  });
}

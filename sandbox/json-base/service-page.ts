import { humanMoment } from "../core/clock.ts";
import { html, type Html } from "../core/page.ts";
import type { JsonBase } from "./engine.ts";
import { serviceAddress } from "./service-address.ts";

const SHOWN = 200;

/** The log of one HTTP-сервис, newest first. */
export function serviceLog(base: JsonBase): Html {
  const calls = base.state.serviceCalls.slice(0, SHOWN);
  return html`<p><a href="/json/${base.name}/">← ${base.state.title}</a></p><h1>HTTP-сервис: ${base.state.title}</h1>
    <p>Адрес для отправки: <code>${serviceAddress(base)}</code></p><p class="soft">Пользователь 1С: ${base.secrets().service.login}. Пароль и секрет подписи — в файле credentials.json песочницы. Сообщение проверяется по паролю и подписи, затем записывается по ключу один раз.</p>
    ${calls.length === 0 ? html`<p>Сообщений ещё не было.</p>` : html`<div class="card scroll" tabindex="0"><table><tr><th>Когда</th><th>Ключ</th><th>Ответ</th><th class="num">мс</th><th>Почему</th></tr>
    ${calls.map((one) => html`<tr><td>${humanMoment(one.at)}</td><td><code>${one.key}</code><br><small>${one.eventId}</small></td><td>${one.status === null ? html`<span class="bad">нет ответа</span>` : one.status}<br><small>${one.answer}</small></td><td class="num">${one.tookMs}</td><td>${one.why}</td></tr>`)}</table></div>`}`;
}

// Signing in: what an officer does, and the page of the one-time link.

import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { Edge, PageAnswer, Visit } from "../edge/visit.ts";

/** What an officer types where their token is. */
export const signInCommand = (publicUrl: string): string => `sceau office sign-in ${publicUrl}`;

function byTls(visit: Visit): Html {
  const { signIn } = visit.texts;
  return html`<section class="card"><h2>${signIn.tlsTitle}</h2><p>${signIn.tlsText}</p>
<form method="post" action="/sign-in/certificate"><button class="quiet">${signIn.tlsButton}</button></form></section>`;
}

/** @param wanted the path of the page that somebody without a session asked for */
export function signInPage(visit: Visit, { publicUrl, hasTlsSignIn }: Edge, wanted: string | null): PageAnswer {
  const { signIn } = visit.texts;
  return {
    status: wanted === null ? 200 : 401,
    title: signIn.title,
    body: html`${wanted === null ? null : html`<p class="warning" role="status">${signIn.needed} <a href="${wanted}">${signIn.goOn}</a></p>`}
<section class="card"><h2>${signIn.tokenTitle}</h2>
<p>${signIn.plug}</p>
<p>${signIn.command}</p>
<code class="command">${signInCommand(publicUrl)}</code>
<p>${signIn.afterwards}</p></section>
<section class="card"><h2>${signIn.agentTitle}</h2><p>${signIn.agentText}</p>
<form method="post" action="/sign-in/agent"><button class="quiet">${signIn.agentButton}</button></form></section>
${hasTlsSignIn ? byTls(visit) : null}
<p>${signIn.never}</p>`,
  };
}

/** Opening the link does nothing yet: programs that look at mails or links open it, too. */
export function linkPage({ texts: { signIn } }: Visit, link: string): PageAnswer {
  return {
    title: signIn.linkTitle,
    body: html`<section class="card"><p>${signIn.linkText}</p>
<form method="post" action="/sign-in/${encodeURIComponent(link)}"><button>${signIn.linkButton}</button></form></section>
<p>${signIn.linkUnasked}</p>`,
  };
}

// The start page: what somebody can do who is not signed in.

import { html } from "../../../host-bridge/web/html.ts";
import type { PageAnswer, Visit } from "../edge/visit.ts";

export function welcomePage({ texts: { welcome } }: Visit): PageAnswer {
  return {
    title: welcome.title,
    body: html`<p class="lead">${welcome.text}</p>
<section class="card"><h2>${welcome.applyTitle}</h2><p>${welcome.applyText}</p><p><a class="button" href="/apply">${welcome.apply}</a></p></section>
<section class="card"><h2>${welcome.ownTitle}</h2><p>${welcome.ownText}</p><p><a class="button quiet" href="/account">${welcome.own}</a></p></section>
<ul><li><a href="/help">${welcome.help}</a></li><li><a href="/representative">${welcome.representative}</a></li><li><a href="/sign-in">${welcome.officers}</a></li></ul>`,
  };
}

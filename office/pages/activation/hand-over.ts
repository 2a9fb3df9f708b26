// Handing over to the agent on this computer: a link, not a form (CSP form-action), with a request that works once.

import { agentRequestLink } from "../../../host-bridge/agent/agent-address.ts";
import { type Html, html } from "../../../host-bridge/web/html.ts";
import type { Texts } from "../texts/french.ts";

/** @param text who does what on the agent's page */
export function handOver({ activation }: Texts, publicUrl: string, requestId: string, text: string): Html {
  return html`<section class="card"><p>${text}</p><p class="hint">${activation.handOnce}</p><p class="hint">${activation.handNothing}</p>
<p class="actions"><a class="button" href="${agentRequestLink(publicUrl, requestId)}" rel="noreferrer">${activation.handLink}</a></p></section>`;
}

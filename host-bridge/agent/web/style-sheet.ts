// The agent's style sheet: the look of the office's (office/pages/frame/style-sheet.ts), light and dark, from 360 pixels on. Fonts are the reader's own.

import { createHash } from "node:crypto";
import { BASE_STYLE, LAST_STYLE } from "../../web/base-style.ts";
import { STACKED_TABLES } from "../../web/table.ts";

export const STYLE_SHEET = `
${BASE_STYLE}
.bar, main, footer, .menu ul { max-width: 58rem; margin: 0 auto; padding-left: 1rem; padding-right: 1rem; }
.menu ul { display: flex; flex-wrap: wrap; gap: 0 .4rem; list-style: none; padding: 0 1rem 0 .4rem; }
.menu a[aria-current] { border-bottom-color: var(--accent); font-weight: 600; }
.facts .pill { white-space: normal; border-radius: .8rem; margin: .1rem 0; }
td small, th small { display: block; color: var(--faint); font-weight: 400; font-size: .88rem; overflow-wrap: anywhere; }
.warning ul { margin: 0 0 .6rem; padding-left: 1.2rem; }
.warning > p { margin-bottom: .5rem; }
.secrets { border: 1px solid var(--line); border-left: 6px solid var(--accent); border-radius: 8px; background: var(--paper); padding: 1rem 1.2rem 0; margin: 0 0 1.2rem; min-width: 0; }
.secrets > legend { float: left; width: 100%; font-size: 1.1rem; margin: 0 0 .6rem; }
.secrets > legend + * { clear: both; }
.asked { margin: 0 0 .5rem; }
.asked div { display: grid; grid-template-columns: 9rem minmax(0, 1fr); gap: .1rem 1rem; padding: .25rem 0; }
.asked dt { color: var(--faint); }
.asked dd { margin: 0; overflow-wrap: anywhere; }
.asked .phrase dd { font-size: 1.15rem; font-weight: 600; font-family: Georgia, "Noto Serif", "DejaVu Serif", serif; }
.secrets > .hint { margin-bottom: 1rem; }
.tries { margin: .6rem 0 1rem; }
.tries.few { color: var(--waiting); font-weight: 600; }
.tries.last { color: var(--bad); font-weight: 600; }
input.secret:not([type=radio]):not([type=checkbox]) { max-width: 14rem; font-family: ui-monospace, Consolas, "DejaVu Sans Mono", monospace; letter-spacing: .2em; }
.steps { list-style: none; margin: 0 0 1.2rem; padding: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.steps li { display: flex; justify-content: space-between; gap: 1rem; padding: .55rem 1.2rem; border-top: 1px solid var(--line); }
.steps li:first-child { border-top: 0; }
.steps .now { font-weight: 600; }
.steps .next { color: var(--faint); }
.press { border: 2px solid var(--accent); border-radius: 8px; background: var(--paper); padding: 1.2rem; margin: 0 0 1.2rem; }
.press p:first-child { font-size: 1.3rem; font-weight: 700; margin: 0 0 .4rem; }
.press p:last-child { margin: 0; color: var(--faint); }
main > .facts { margin-bottom: 1.2rem; }
:lang(fr) q { quotes: "«\u00a0" "\u00a0»"; }
.choices { list-style: none; margin: 0 0 1.2rem; padding: 0; display: flex; flex-direction: column; gap: .6rem; align-items: start; }
.shown-phrase { font-size: 1.3rem; font-weight: 600; font-family: Georgia, "Noto Serif", "DejaVu Serif", serif; overflow-wrap: anywhere; }
.office { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .6rem 1.5rem; }
.office p { margin: 0; }
.office form { margin: 0; }
.office h2, .office h3 { margin: 0 0 .4rem; }
.office p .origin { font-size: 1em; }
.office .number { font-size: .88em; }
.entrust { margin: 0 0 1.2rem; max-width: none; }
.entrust > legend { float: left; width: 100%; font-size: 1.1rem; margin: 0 0 .5rem; }
.entrust > legend + * { clear: both; }
.entrust .facts { margin: 0 0 .8rem; color: var(--ink); }
.entrust .choice { display: flex; gap: .6rem; align-items: flex-start; margin: 0; font-weight: 600; }
form.consent > .hint { margin-bottom: 1rem; }
.origin { font-size: 1.15rem; font-weight: 600; overflow-wrap: anywhere; }
.actions form { margin: 0; }
@media (prefers-reduced-motion: no-preference) { .press { animation: press 1.6s ease-in-out infinite alternate; } @keyframes press { to { border-color: var(--line); } } }
@media (max-width: 44rem) {
  .asked div { grid-template-columns: minmax(0, 1fr); }
  .secrets { padding: .9rem .9rem 0; }
  .facts div { grid-template-columns: minmax(0, 1fr); padding: .5rem .9rem; }
  .facts dt { font-size: .88rem; }
  h1 { font-size: 1.45rem; }
  .card { padding: 1rem .9rem; }
  .menu a { padding: .5rem .45rem; font-size: .95rem; }
  .menu ul { padding-left: .55rem; }
${STACKED_TABLES}}
${LAST_STYLE}
`;

/** Changes with its content: browsers may keep it for ever. */
export const STYLE_PATH = `/style-${createHash("sha256").update(STYLE_SHEET).digest("hex").slice(0, 12)}.css`;

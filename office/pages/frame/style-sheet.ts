// The one style sheet: light and dark, from 360 pixels on, and on paper. Fonts are the reader's own.

import { createHash } from "node:crypto";
import { BASE_STYLE, LAST_STYLE } from "../../../host-bridge/web/base-style.ts";
import { STACKED_TABLES } from "../../../host-bridge/web/table.ts";

export const STYLE_SHEET = `
${BASE_STYLE}
.bar, main, footer, .menu > ul { max-width: 68rem; margin: 0 auto; padding-left: 1rem; padding-right: 1rem; }
.who { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .7rem; margin: 0; font-size: .95rem; }
.who span, .mailbox { overflow-wrap: anywhere; }
.languages button.quiet { min-height: 0; padding: .3rem 0; border: 0; text-decoration: underline; text-underline-offset: .15em; }
.menu ul { list-style: none; }
.menu > ul { display: flex; flex-wrap: wrap; gap: 0 .4rem; padding: 0 1rem 0 .4rem; }
.menu a[aria-current], .more .here { border-bottom-color: var(--accent); font-weight: 600; }
.more { position: relative; margin: 0; }
.more summary { padding: .55rem .6rem; color: var(--ink); border-bottom: 3px solid transparent; list-style: none; }
.more summary::-webkit-details-marker { display: none; }
.more summary::after { content: ""; display: inline-block; width: .45em; height: .45em; margin: 0 .15em .2em .5em; border: solid currentColor; border-width: 0 2px 2px 0; transform: rotate(45deg); }
.more[open] summary::after { margin-bottom: -.05em; transform: rotate(225deg); }
.more summary:hover { border-bottom-color: var(--line); }
.more ul { position: absolute; z-index: 3; left: 0; top: 100%; min-width: 15rem; margin: 0; padding: .3rem 0; background: var(--paper); border: 1px solid var(--line); border-radius: 0 0 8px 8px; box-shadow: 0 6px 16px rgb(0 0 0 / .18); }
.more a { padding: .55rem 1rem; border-bottom: 0; border-left: 3px solid transparent; }
.more a:hover, .more a[aria-current] { border-left-color: var(--accent); }
.facts + p:not(.actions) { margin-top: 1rem; }
.facts .pill { white-space: normal; border-radius: .8rem; }
td small, th small, dd small { display: block; color: var(--faint); font-weight: 400; font-size: .88rem; overflow-wrap: anywhere; }
textarea { width: 100%; max-width: 44rem; padding: .55rem .7rem; font: .92rem/1.4 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--ink); background: var(--paper); border: 1px solid var(--faint); border-radius: 6px; resize: vertical; }
textarea[aria-invalid], select[aria-invalid] { border: 2px solid var(--bad); }
.who button.quiet { min-height: 2.2rem; padding: .2rem .8rem; white-space: nowrap; }
.facts + .actions + form { margin-top: 1.6rem; }
.search { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 15rem) auto; gap: 0 1rem; align-items: end; }
.search.three { grid-template-columns: minmax(0, 1fr) minmax(0, 14rem) minmax(0, 14rem) auto; }
.search .field { margin-bottom: 1rem; }
.search button { margin-bottom: 1rem; }
.search input:not([type=radio]), .search select { max-width: none; }
.check { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 0 2rem; align-items: start; margin-top: 2rem; }
.check > section > h2:first-child { margin-top: 0; }
form + .card, form + .lead { margin-top: 1.6rem; }
.pictures figure { margin: 0 0 1.2rem; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .8rem; }
.pictures img { display: block; max-width: 100%; height: auto; max-height: 70vh; }
.view:has(+ .looking input:checked:not([value="0"], [value="1"])) { aspect-ratio: 1; overflow: auto; }
.view:has(+ .looking input:checked:not([value="0"], [value="1"])) img { width: 100%; height: 100%; aspect-ratio: 1; max-width: none; max-height: none; object-fit: contain; }
.view:has(+ .looking [name=zoom][value="2"]:checked) img { width: 200%; height: 200%; }
.view:has(+ .looking [name=zoom][value="4"]:checked) img { width: 400%; height: 400%; }
.view:has(+ .looking [name=turn][value="90"]:checked) img { transform: rotate(90deg); }
.view:has(+ .looking [name=turn][value="180"]:checked) img { transform: rotate(180deg); }
.view:has(+ .looking [name=turn][value="270"]:checked) img { transform: rotate(270deg); }
.looking { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem 1.4rem; margin-top: .6rem; font-size: .95rem; }
.looking fieldset { display: flex; flex-wrap: wrap; gap: 0 .8rem; border: 0; margin: 0; padding: 0; min-width: 0; }
.looking legend { float: left; margin: 0 .8rem 0 0; padding: .5rem 0; }
.looking label { padding: .5rem 0; white-space: nowrap; }
.looking button.quiet { min-height: 2.2rem; padding: .2rem .8rem; }
.pictures figcaption { margin-bottom: .5rem; font-weight: 600; }
.pictures figcaption small, .choice small { display: block; color: var(--faint); font-weight: 400; }
details { margin: 1.2rem 0; }
summary { cursor: pointer; padding: .4rem 0; color: var(--link); }
.stepper { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .5rem; list-style: none; margin: 0 0 1.6rem; padding: 0; counter-reset: step; }
.stepper li { counter-increment: step; border-top: 4px solid var(--line); padding: .45rem .2rem 0 0; color: var(--faint); font-size: .95rem; line-height: 1.3; overflow-wrap: anywhere; hyphens: auto; }
.stepper .step::before { content: counter(step) ". "; }
.stepper small { display: block; margin-top: .15rem; position: relative; }
.stepper .now { border-top-color: var(--accent); color: var(--ink); font-weight: 600; }
.stepper .done { border-top-color: var(--good); }
.stepper .done .step::before { content: "✓ "; color: var(--good); }
.document { position: relative; max-height: 16rem; overflow-y: auto; border: 1px solid var(--line); border-radius: 6px; padding: .8rem 1rem; margin: 0 0 1rem; max-width: 44rem; }
.tabs li > span { display: block; padding: .5rem .6rem; color: var(--faint); }
.pager { display: flex; flex-wrap: wrap; align-items: center; gap: 1rem; margin: 1rem 0; }
.details { list-style: none; margin: 0; padding: 0; font-size: .88rem; }
.details b { font-weight: 400; color: var(--faint); }
td button.quiet { min-height: 2.2rem; padding: .2rem .8rem; }
@media (max-width: 72rem) {
  .menu li:has(> .more) { flex-basis: 100%; }
  .more summary { width: fit-content; }
  .more ul { position: static; display: flex; flex-wrap: wrap; min-width: 0; padding: 0; border: 0; border-top: 1px solid var(--line); border-radius: 0; box-shadow: none; }
  .more a { padding: .55rem .6rem; border-left: 0; border-bottom: 3px solid transparent; }
}
@media (max-width: 44rem) {
  .facts div { grid-template-columns: minmax(0, 1fr); padding: .5rem .9rem; }
  .facts dt { font-size: .88rem; }
  .search, .search.three { grid-template-columns: minmax(0, 1fr); }
  .search button { justify-self: start; }
  h1 { font-size: 1.45rem; }
  .stepper { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .card { padding: 1rem .9rem; }
  .menu a, .more summary { padding: .5rem .45rem; font-size: .95rem; }
  .menu > ul { padding-left: .55rem; }
${STACKED_TABLES}}
${LAST_STYLE}
`;

/** Changes with its content: browsers may keep it for ever. */
export const STYLE_PATH = `/style-${createHash("sha256").update(STYLE_SHEET).digest("hex").slice(0, 12)}.css`;

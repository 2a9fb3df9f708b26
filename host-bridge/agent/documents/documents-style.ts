// The look of the pages of documents, beside the agent's own style sheet (web/style-sheet.ts), whose colours it uses.

import { createHash } from "node:crypto";

export const DOCUMENTS_STYLE = `
.drop { position: relative; background: var(--paper); border: 2px dashed var(--faint); border-radius: 12px; padding: 1.4rem 1.4rem 1.2rem; margin: 0 0 1.2rem; }
.drop.over { border-color: var(--accent); border-style: solid; background: var(--code); }
.drop label { display: block; text-align: center; margin: .6rem 0 .8rem; }
.drop label strong { display: block; font-size: 1.45rem; line-height: 1.3; }
.drop label span { color: var(--faint); }
.drop input[type=file] { display: block; width: 100%; max-width: none; min-height: 9rem; padding: 4.6rem 1rem 1rem max(1rem, calc(50% - 10rem)); border: 1px solid var(--line); border-radius: 8px; background: var(--ground) url("/drop.svg") no-repeat center 1.1rem / 2.8rem; cursor: pointer; }
.drop input[type=file]::file-selector-button { font: inherit; font-weight: 600; padding: .5rem 1rem; margin-right: 1rem; border-radius: 6px; border: 1px solid var(--line); background: var(--paper); color: var(--link); cursor: pointer; }
.drop .hint { margin: .8rem auto 0; text-align: center; }
.drop .actions { justify-content: center; margin-top: 1rem; max-width: none; }
.drop .actions button { min-width: 12rem; }
.kept { list-style: none; margin: 0; padding: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.kept li { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem 1rem; padding: .6rem 1.2rem; border-top: 1px solid var(--line); }
.kept li:first-child { border-top: 0; }
.kept a { overflow-wrap: anywhere; }
.kept small { color: var(--faint); }
.kept form { margin: 0 0 0 auto; }
button.small { min-height: 2.2rem; padding: .2rem .8rem; }
body.wide .bar, body.wide main, body.wide footer, body.wide .menu ul { max-width: 78rem; }
body.wide :is(.warning, .problems) { max-width: none; }
body.wide .warning > p { max-width: none; }
.document-list ul { display: flex; flex-wrap: wrap; gap: .5rem; list-style: none; margin: 0 0 1rem; padding: 0; }
.document-list li { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: .4rem .8rem; max-width: 100%; }
.document-list li:has([aria-current]) { border-color: var(--accent); box-shadow: inset 0 -3px 0 var(--accent); }
.document-list a { overflow-wrap: anywhere; }
.document-list [aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
.document-list small { color: var(--faint); }
.beside { display: grid; grid-template-columns: minmax(0, 1fr) 22rem; gap: 1.2rem; align-items: start; }
.aside-column { position: sticky; top: 1rem; }
.aside-column > .card:last-child { margin-bottom: 0; }
.viewer { display: flex; flex-direction: column; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; background: var(--over-ground); height: min(82vh, 60rem); }
.viewer-bar { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem; padding: .35rem .5rem; background: var(--paper); border-bottom: 1px solid var(--line); }
.viewer-bar[hidden] { display: none; }
.viewer-bar button { min-width: 2.75rem; padding: .3rem .6rem; font-size: 1.1rem; line-height: 1.2; color: var(--ink); }
.viewer-bar output { margin: 0 auto; padding: 0 .6rem; font-size: .95rem; color: var(--faint); }
.sheets { position: relative; flex: 1; overflow: auto; padding: .9rem; }
.sheets:focus-visible { outline-offset: -3px; }
.sheets > p { padding: 1rem; background: var(--paper); border-radius: 6px; margin: 0 0 .8rem; max-width: none; }
.sheet { position: relative; margin: 0 auto .9rem; background: #fff; box-shadow: 0 1px 4px rgb(0 0 0 / .35); }
.sheet:last-child { margin-bottom: 0; }
.sheet canvas { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
.sheet .text { position: absolute; inset: 0; overflow: clip; line-height: 1; text-size-adjust: none; forced-color-adjust: none; transform-origin: 0 0; color: transparent; z-index: 1;
  --min-font-size: 1; --text-scale-factor: calc(var(--total-scale-factor) * var(--min-font-size)); --min-font-size-inv: calc(1 / var(--min-font-size)); }
.sheet .text :is(span, br) { position: absolute; white-space: pre; cursor: text; transform-origin: 0% 0%; color: transparent; }
.sheet .text > :not(.markedContent), .sheet .text .markedContent span:not(.markedContent) { --font-height: 0; --scale-x: 1; --rotate: 0deg;
  font-size: calc(var(--text-scale-factor) * var(--font-height)); transform: rotate(var(--rotate)) scaleX(var(--scale-x)) scale(var(--min-font-size-inv)); }
.sheet .text .markedContent { display: contents; }
.sheet .text ::selection { background: rgb(0 90 220 / .3); }
.hiddenCanvasElement { display: none; }
.seal-preview { position: absolute; z-index: 2; display: flex; align-items: center; padding: .2rem .5rem; overflow: hidden; white-space: pre-line; font-size: .82rem; line-height: 1.25; color: #17305f; background: rgb(255 255 255 / .85); border: 2px dashed #29458a; border-radius: 3px; pointer-events: none; }
.order h2 { margin-top: 0; }
.order .actions { margin-top: 1rem; }
.order .actions button { width: 100%; }
.corners .leaf { display: grid; grid-template-columns: 1fr 1fr; gap: 1.1rem .4rem; max-width: 22rem; padding: .7rem; border: 1px solid var(--line); border-radius: 4px; background: var(--ground); }
.corners label { display: flex; align-items: center; gap: .5rem; min-height: 2.75rem; padding: .2rem .4rem; font-size: .93rem; line-height: 1.25; }
.corners .top-right, .corners .bottom-right { flex-direction: row-reverse; text-align: right; }
.corners input { width: 1.2rem; height: 1.2rem; margin: 0; flex: none; accent-color: var(--accent); }
.consent { margin-top: 1.2rem; }
.facts dd ol { margin: 0; padding-left: 1.3rem; }
.choices { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem; }
.saving { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .6rem 1.2rem; }
.saving h2 { margin: 0; font-size: 1.1rem; overflow-wrap: anywhere; min-width: 0; }
.result details { margin-top: .9rem; }
.result summary .pill { margin-left: .5rem; }
.result summary { cursor: pointer; color: var(--link); padding: .3rem 0; }
.result > p { margin: .8rem 0 0; }
.signature h3 { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .8rem; font-size: 1.05rem; margin: 0 0 .6rem; }
.signature ul { margin: 0 0 1rem; padding-left: 1.2rem; color: var(--bad); font-weight: 600; }
.signature .facts { background: transparent; }
.signature dd small { display: block; color: var(--faint); }
.result .signature { margin: .6rem 0 0; background: var(--ground); }
.result-end { margin-top: .8rem; }
.summary { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .8rem; max-width: none; }
.actions.first { margin: 0 0 1.2rem; }
@media (max-width: 60rem) {
  .beside { grid-template-columns: minmax(0, 1fr); }
  .aside-column { position: static; }
  .viewer { height: min(70vh, 40rem); }
}
@media (max-width: 44rem) {
  .drop { padding: 1rem .8rem; }
  .drop label strong { font-size: 1.2rem; }
  .sheets { padding: .5rem; }
  .viewer-bar { gap: .15rem; padding: .3rem; }
  .viewer-bar button { min-width: 2.6rem; padding: .3rem; }
  .viewer-bar output { padding: 0 .1rem; font-size: .85rem; }
  .saving .button { width: 100%; text-align: center; }
  .drop .actions button, .consent .actions > * { width: 100%; text-align: center; }
}
@media print { .viewer-bar, .drop { display: none; } .viewer { height: auto; } }
`;

/** Changes with its content: browsers may keep it for ever. */
export const DOCUMENTS_STYLE_PATH = `/documents-${createHash("sha256").update(DOCUMENTS_STYLE).digest("hex").slice(0, 12)}.css`;

/** A sheet of paper with an arrow into it. */
export const DROP_PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#8a5a62" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><path d="M19 3H8a2 2 0 0 0-2 2v22a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V10z"/><path d="M19 3v7h7M16 14v9m-4-4 4 4 4-4"/></svg>`;

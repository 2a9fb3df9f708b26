// The one style sheet: light and dark, from 360 pixels on, and on paper. Fonts are the reader's own.

import { createHash } from "node:crypto";

export const STYLE_SHEET = `
:root {
  color-scheme: light dark;
  --ground: #f5f4f0; --paper: #ffffff; --ink: #1d2430; --faint: #555e6c; --line: #d5d3cb; --link: #17487f; --accent: #a02033; --on-accent: #ffffff;
  --focus: #0b57d0; --code: #eeece5;
  --good: #10622f; --good-ground: #dff3e5; --waiting: #6b4a00; --waiting-ground: #fdf0cf; --bad: #9b1527; --bad-ground: #fce4e6; --over: #4a5160; --over-ground: #e7e8eb;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c; --paper: #1d2129; --ink: #e8eaee; --faint: #a9b1bf; --line: #3a404b; --link: #9cc4ff; --accent: #c8384c; --on-accent: #ffffff;
    --focus: #ffd166; --code: #282d37;
    --good: #a4e4b8; --good-ground: #153a22; --waiting: #f6d98e; --waiting-ground: #423308; --bad: #ffb8bf; --bad-ground: #4d161e; --over: #c7ccd6; --over-ground: #343a45;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
.skip { position: absolute; left: -99rem; top: 0; z-index: 2; padding: .6rem 1rem; background: var(--paper); color: var(--link); }
.skip:focus { left: .5rem; top: .5rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.top { background: var(--paper); border-bottom: 1px solid var(--line); }
.bar, main, footer, .menu > ul { max-width: 68rem; margin: 0 auto; padding-left: 1rem; padding-right: 1rem; }
.bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1.5rem; padding-top: .7rem; padding-bottom: .7rem; }
.brand { display: flex; align-items: center; gap: .7rem; color: inherit; text-decoration: none; font-weight: 700; font-size: 1.25rem; line-height: 1.15; letter-spacing: .01em; }
.brand small { display: block; font-weight: 400; font-size: .8rem; color: var(--faint); letter-spacing: 0; }
.aside { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.2rem; }
.who { display: flex; flex-wrap: wrap; align-items: center; gap: .3rem .7rem; margin: 0; font-size: .95rem; }
.who span, .mailbox { overflow-wrap: anywhere; }
.languages { display: flex; gap: .8rem; list-style: none; margin: 0; padding: 0; font-size: .95rem; }
.languages a, .languages span { display: inline-block; padding: .3rem 0; }
.languages span { font-weight: 600; }
.languages button.quiet { min-height: 0; padding: .3rem 0; border: 0; text-decoration: underline; text-underline-offset: .15em; }
.menu ul { list-style: none; }
.menu > ul { display: flex; flex-wrap: wrap; gap: 0 .4rem; padding: 0 1rem 0 .4rem; }
.menu a { display: block; padding: .55rem .6rem; color: var(--ink); text-decoration: none; border-bottom: 3px solid transparent; }
.menu a:hover { border-bottom-color: var(--line); }
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
main { padding-top: 1.6rem; padding-bottom: 3rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; line-height: 1.3; margin: 2rem 0 .7rem; }
p { margin: 0 0 1rem; max-width: 44rem; }
.lead { font-size: 1.05rem; }
footer p { max-width: none; }
footer { padding-top: 1rem; padding-bottom: 2rem; color: var(--faint); font-size: .9rem; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 1.2rem; margin: 0 0 1.2rem; }
.card > :last-child { margin-bottom: 0; }
.card h2:first-child { margin-top: 0; }
.facts { margin: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; }
.facts div { display: grid; grid-template-columns: 17rem minmax(0, 1fr); gap: .2rem 1rem; padding: .55rem 1.2rem; border-top: 1px solid var(--line); }
.facts div:first-child { border-top: 0; }
.facts + p:not(.actions) { margin-top: 1rem; }
.facts dt { color: var(--faint); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts dd ul { margin: 0; padding-left: 1.1rem; }
.unknown { color: var(--faint); font-style: italic; }
.pill { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .9rem; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; }
.facts .pill { white-space: normal; border-radius: .8rem; }
.pill.good { color: var(--good); background: var(--good-ground); }
.pill.waiting { color: var(--waiting); background: var(--waiting-ground); }
.pill.bad { color: var(--bad); background: var(--bad-ground); }
.pill.over { color: var(--over); background: var(--over-ground); }
.scroll { position: relative; overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; }
th, td { text-align: left; vertical-align: top; padding: .55rem .9rem; }
thead th { color: var(--faint); font-weight: 600; font-size: .85rem; white-space: nowrap; border-bottom: 1px solid var(--line); }
tbody th { font-weight: 600; min-width: 11rem; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
td small, th small, dd small { display: block; color: var(--faint); font-weight: 400; font-size: .88rem; overflow-wrap: anywhere; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .92em; }
code { overflow-wrap: anywhere; }
.number span { margin-right: .45em; }
.number span:last-child { margin-right: 0; }
.command { display: block; margin: 0 0 1rem; padding: .8rem 1rem; background: var(--code); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
.field { margin: 0 0 1.2rem; border: 0; padding: 0; min-width: 0; }
.field > label, legend { display: block; font-weight: 600; margin-bottom: .25rem; padding: 0; }
.hint { color: var(--faint); font-size: .93rem; margin: 0 0 .35rem; }
input:not([type=radio]):not([type=checkbox]), select { width: 100%; max-width: 28rem; padding: .55rem .7rem; font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--faint); border-radius: 6px; min-height: 2.75rem; }
textarea { width: 100%; max-width: 44rem; padding: .55rem .7rem; font: .92rem/1.4 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; color: var(--ink); background: var(--paper); border: 1px solid var(--faint); border-radius: 6px; resize: vertical; }
textarea[aria-invalid], select[aria-invalid] { border: 2px solid var(--bad); }
.field input[aria-invalid]:not([type=radio]):not([type=checkbox]) { border: 2px solid var(--bad); }
.field > .choice { display: flex; font-weight: 400; margin: 0; align-items: flex-start; gap: .6rem; padding: .35rem 0; max-width: 40rem; }
.choice input { width: 1.2rem; height: 1.2rem; margin: .18rem 0 0; flex: none; accent-color: var(--accent); }
.problem { color: var(--bad); font-weight: 600; margin: 0 0 .35rem; }
.problems, .warning, .notice { border: 1px solid; border-left-width: 6px; border-radius: 6px; padding: .8rem 1rem; margin: 0 0 1.4rem; max-width: 44rem; }
.problems { color: var(--bad); background: var(--bad-ground); }
.warning > :last-child, .notice > :last-child { margin-bottom: 0; }
.problems p { margin: 0 0 .3rem; font-weight: 600; }
.problems ul { margin: 0; padding-left: 1.1rem; }
.problems a { color: inherit; }
.warning { color: var(--waiting); background: var(--waiting-ground); }
.notice { color: var(--good); background: var(--good-ground); }
button, .button { display: inline-block; min-height: 2.75rem; padding: .55rem 1.2rem; font: inherit; font-weight: 600; line-height: 1.5; border-radius: 6px; border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); text-decoration: none; cursor: pointer; }
button:hover, .button:hover { filter: brightness(1.1); }
button.quiet, .button.quiet { background: transparent; color: var(--link); border-color: var(--line); font-weight: 400; }
.who button.quiet { min-height: 2.2rem; padding: .2rem .8rem; white-space: nowrap; }
.actions { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0 0; }
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
.tabs ul { display: flex; flex-wrap: wrap; gap: 0 .4rem; list-style: none; margin: 0 0 .8rem; padding: 0; }
.tabs a { display: block; padding: .5rem .6rem; border-bottom: 3px solid transparent; }
.tabs a[aria-current] { border-bottom-color: var(--accent); font-weight: 600; color: var(--ink); text-decoration: none; }
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
.none { color: var(--faint); background: var(--paper); border: 1px dashed var(--line); border-radius: 8px; padding: 1rem 1.2rem; max-width: none; }
.details { list-style: none; margin: 0; padding: 0; font-size: .88rem; }
.details b { font-weight: 400; color: var(--faint); }
table code, .nowrap { white-space: nowrap; overflow-wrap: normal; }
table .number { white-space: normal; }
.number.short, table .number.short { white-space: nowrap; }
td:has(.number:not(.short)) { min-width: 14rem; }
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
  tbody th { min-width: 8rem; }
}
@media (prefers-reduced-motion: no-preference) { .menu a { transition: border-color .15s; } }
@media (forced-colors: active) { .pill, button, .button { forced-color-adjust: auto; } }
@media print {
  :root { --ground: #fff; --paper: #fff; --ink: #000; --faint: #333; --line: #999; --link: #000; --good: #000; --bad: #000; --waiting: #000; --over: #000; --good-ground: #fff; --bad-ground: #fff; --waiting-ground: #fff; --over-ground: #fff; --code: #fff; }
  body { font-size: 10pt; }
  .skip, .menu, .tabs, .aside, .actions, .pager, .search, form { display: none; }
  .bar, main, footer { max-width: none; padding-left: 0; padding-right: 0; }
  .facts, .scroll, .card { border-radius: 0; }
  .facts div, tr { break-inside: avoid; }
  .scroll { overflow: visible; }
  h2 { break-after: avoid; }
  a { text-decoration: none; }
}
`;

/** Changes with its content: browsers may keep it for ever. */
export const STYLE_PATH = `/style-${createHash("sha256").update(STYLE_SHEET).digest("hex").slice(0, 12)}.css`;

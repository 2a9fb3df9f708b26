// What the style sheets of the agent and of the office have in common: light and dark, from 360 pixels on, and on paper. Fonts are the reader's own.

/** First in a style sheet. */
export const BASE_STYLE = `
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
.bar { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1.5rem; padding-top: .7rem; padding-bottom: .7rem; }
.brand { display: flex; align-items: center; gap: .7rem; color: inherit; text-decoration: none; font-weight: 700; font-size: 1.25rem; line-height: 1.15; letter-spacing: .01em; }
.brand small { display: block; font-weight: 400; font-size: .8rem; color: var(--faint); letter-spacing: 0; }
.aside { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.2rem; }
.languages { display: flex; gap: .8rem; list-style: none; margin: 0; padding: 0; font-size: .95rem; }
.languages a, .languages span { display: inline-block; padding: .3rem 0; }
.languages span { font-weight: 600; }
.menu a { display: block; padding: .55rem .6rem; color: var(--ink); text-decoration: none; border-bottom: 3px solid transparent; }
.menu a:hover { border-bottom-color: var(--line); }
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
.facts dt { color: var(--faint); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.facts dd ul { margin: 0; padding-left: 1.1rem; }
.unknown { color: var(--faint); font-style: italic; }
.pill { display: inline-block; padding: .05rem .6rem; border-radius: 1rem; font-size: .9rem; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; }
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
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .92em; }
code { overflow-wrap: anywhere; }
.number span { margin-right: .45em; }
.number span:last-child { margin-right: 0; }
.command { display: block; margin: 0 0 1rem; padding: .8rem 1rem; background: var(--code); border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
.field { margin: 0 0 1.2rem; border: 0; padding: 0; min-width: 0; }
.field > label, legend { display: block; font-weight: 600; margin-bottom: .25rem; padding: 0; }
.hint { color: var(--faint); font-size: .93rem; margin: 0 0 .35rem; }
input:not([type=radio]):not([type=checkbox]), select { width: 100%; max-width: 28rem; padding: .55rem .7rem; font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--faint); border-radius: 6px; min-height: 2.75rem; }
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
.actions { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0 0; }
.tabs ul { display: flex; flex-wrap: wrap; gap: 0 .4rem; list-style: none; margin: 0 0 .8rem; padding: 0; }
.tabs a { display: block; padding: .5rem .6rem; border-bottom: 3px solid transparent; }
.tabs a[aria-current] { border-bottom-color: var(--accent); font-weight: 600; color: var(--ink); text-decoration: none; }
.none { color: var(--faint); background: var(--paper); border: 1px dashed var(--line); border-radius: 8px; padding: 1rem 1.2rem; max-width: none; }
table code, .nowrap { white-space: nowrap; overflow-wrap: normal; }
table .number { white-space: normal; }
.number.short, table .number.short { white-space: nowrap; }
td:has(.number:not(.short)) { min-width: 14rem; }
`;

/** Last in a style sheet. */
export const LAST_STYLE = `
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

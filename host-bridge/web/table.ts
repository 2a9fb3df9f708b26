// Tables of pages. On a phone each row is a card with its columns' names in it, so that nothing has to be scrolled sideways.

import { type Html, type HtmlValue, html } from "./html.ts";

export interface Table {
  readonly caption: string;
  readonly columns: readonly string[];
  /** The first cell of each is its heading. */
  readonly rows: readonly (readonly HtmlValue[])[];
  /** Said instead of a table without rows. */
  readonly none: string;
}

/** For a style sheet, among what holds for narrow windows. Roles are said in the table: what is shown as blocks is no table any more to some browsers. */
export const STACKED_TABLES = `
  .scroll thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .scroll :is(table, tbody) { display: block; }
  .scroll tbody tr { display: block; padding: .6rem .9rem; }
  .scroll tbody tr + tr { border-top: 1px solid var(--line); }
  .scroll tbody :is(th, td) { display: block; min-width: 0; padding: .1rem 0; border: 0; overflow-wrap: anywhere; }
  .scroll :is(code, .nowrap) { white-space: normal; overflow-wrap: anywhere; }
  .scroll td:empty { display: none; }
  .scroll td:not([data-label=""])::before { content: attr(data-label); margin-right: .7em; color: var(--faint); font-size: .88rem; }
`;

/** Wider than its place: it scrolls in a box of its own, by keyboard, too. */
export function table({ caption, columns, rows, none }: Table): Html {
  if (rows.length === 0) return html`<p class="none">${none}</p>`;
  const cell = (value: HtmlValue, index: number): Html =>
    index === 0
      ? html`<th scope="row" role="rowheader">${value}</th>`
      : html`<td role="cell" data-label="${columns[index] ?? ""}">${value}</td>`;
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table role="table">
<caption class="unseen">${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map((column) => html`<th scope="col" role="columnheader">${column}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map((cells) => html`<tr role="row">${cells.map(cell)}</tr>`)}</tbody></table></div>`;
}

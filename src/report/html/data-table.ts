/** Tables that a script can sort and filter and that say everything without one. Each cell carries the value that it was written from. */
import { html, type Content, type Markup } from './markup.ts';

export interface DataColumn<Row> {
  readonly title: string;
  /** Longer, on the header's hover. */
  readonly doc?: string;
  /** Texts stand left, numbers right. */
  readonly isText?: true;
  of(row: Row): DataCell;
}

export interface DataCell {
  readonly text: Content;
  /** For sorting and for tools; the text unless given. */
  readonly value?: number | string | null;
  readonly tone?: 'bad' | 'warn' | 'dim';
}

export interface DataTable<Row> {
  /** Also the caption, for those who cannot see what it stands under. */
  readonly title: string;
  readonly columns: readonly DataColumn<Row>[];
  readonly rows: readonly Row[];
  /** An id for each row, for links. */
  readonly idOf?: (row: Row) => string;
  /** Said below where there are more than are shown. */
  readonly more?: string;
}

/** Beyond these a page is no longer a place to look. */
export const ROWS_MAX = 200;
/** A box to filter by stands above tables that are longer. */
const FILTERED_FROM = 6;

export function dataTable<Row>({ columns, idOf, more, rows, title }: DataTable<Row>): Markup {
  const shown = rows.slice(0, ROWS_MAX);
  const left = rows.length - shown.length;
  return html`<div class="data">
${shown.length >= FILTERED_FROM && html`<label class="filter js-only">Filter <input type="search" placeholder="${title.toLowerCase()}" autocomplete="off" spellcheck="false"></label>`}
<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table>
<caption>${title}</caption>
<thead><tr>${columns.map(({ doc, isText, title: head }) => html`<th scope="col"${isText === true && html` class="text"`}${doc === undefined ? null : html` title="${doc}"`}>${head}</th>`)}</tr></thead>
<tbody>
${shown.map((row) => html`<tr${idOf === undefined ? null : html` id="${idOf(row)}"`}>${columns.map((column, i) => cellOf(column, row, i === 0))}</tr>
`)}</tbody>
</table></div>
${left > 0 && html`<p class="note">${left} more ${more ?? 'rows'} are in result.json.</p>`}
</div>`;
}

function cellOf<Row>(column: DataColumn<Row>, row: Row, isHead: boolean): Markup {
  const { text, tone, value } = column.of(row);
  const classes = [...(column.isText === true ? ['text'] : []), ...(tone === undefined ? [] : [tone])].join(' ');
  const attributes = html`${classes !== '' && html` class="${classes}"`}${value !== undefined && value !== null && html` data-v="${value}"`}`;
  return isHead ? html`<th scope="row"${attributes}>${text}</th>` : html`<td${attributes}>${text}</td>`;
}

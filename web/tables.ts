/** Sorting by a click on a column's title, and filtering by what is typed. */
export function enhanceTables(): void {
  for (const block of document.querySelectorAll<HTMLElement>('.data')) {
    const table = block.querySelector('table');
    if (table === null || table.tBodies[0] === undefined) continue;
    for (const [column, head] of [...table.tHead!.rows[0]!.cells].entries()) sortable(table, head, column);
    const filter = block.querySelector<HTMLInputElement>('input[type=search]');
    if (filter !== null) filter.addEventListener('input', () => filterRows(table, filter.value));
  }
}

function sortable(table: HTMLTableElement, head: HTMLTableCellElement, column: number): void {
  if (head.textContent === '' || head.classList.contains('scale')) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener('click', () => {
    // Names are looked for from A on, numbers from the largest down.
    const first = head.classList.contains('text') ? 'ascending' : 'descending';
    const now = head.getAttribute('aria-sort');
    const next = now === null ? first : now === 'ascending' ? 'descending' : 'ascending';
    for (const other of table.tHead!.rows[0]!.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', next);
    sortRows(table, column, next === 'ascending' ? 1 : -1);
  });
}

/** Where nothing was measured stays last. */
function sortRows(table: HTMLTableElement, column: number, sign: 1 | -1): void {
  const body = table.tBodies[0]!;
  const keyed = [...body.rows].map((row) => ({ row, key: keyOf(row.cells[column]!) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return a.key === b.key ? 0 : a.key === null ? 1 : -1;
    if (typeof a.key === 'number' && typeof b.key === 'number') return sign * (a.key - b.key);
    return sign * String(a.key).localeCompare(String(b.key), 'en', { numeric: true });
  });
  body.append(...keyed.map(({ row }) => row));
}

function keyOf(cell: HTMLTableCellElement): number | string | null {
  const value = cell.dataset['v'];
  if (value !== undefined) return value !== '' && Number.isFinite(Number(value)) ? Number(value) : value;
  const text = cell.textContent!.trim();
  return text === '' || text === '-' ? null : text;
}

function filterRows(table: HTMLTableElement, words: string): void {
  const wanted = words.toLowerCase().split(/\s+/).filter((word) => word !== '');
  for (const row of table.tBodies[0]!.rows) {
    const text = row.textContent!.toLowerCase();
    row.hidden = !wanted.every((word) => text.includes(word));
  }
}

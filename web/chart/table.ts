/** The values of a chart as a table, made when somebody asks for it. */
import type { ChartData } from '../../src/report/html/chart.ts';
import type { XScale } from './scale.ts';
import { unitText } from './unit.ts';

export function dataTable({ series, y }: ChartData, scale: XScale): HTMLDetailsElement {
  const details = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = 'Values as a table';
  details.append(summary);
  details.addEventListener('toggle', () => {
    if (details.childElementCount > 1) return;
    const box = document.createElement('div');
    box.className = 'scroll tall';
    box.tabIndex = 0;
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const title of [scale.title, ...series.map(({ label }) => label)]) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = title;
      head.append(cell);
    }
    const body = table.createTBody();
    for (let step = 0; step < scale.count; step++) {
      const row = body.insertRow();
      const name = document.createElement('th');
      name.scope = 'row';
      name.textContent = scale.text(step);
      row.append(name);
      for (const { values } of series) {
        const value = values[step] ?? null;
        row.insertCell().textContent = value === null ? '-' : unitText(value, y.unit);
      }
    }
    box.append(table);
    details.append(box);
  });
  return details;
}

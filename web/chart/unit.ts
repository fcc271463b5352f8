/** Values of a chart as the tables write them. */
import * as format from '../../src/report/format.ts';
import type { ChartUnit } from '../../src/report/html/chart.ts';

export function unitText(value: number, unit: ChartUnit): string {
  switch (unit) {
    case 'ms': return value >= 10_000 ? format.duration(value) : plain(value, ' ms');
    case 'perSecond': return plain(value, '/s');
    case 'share': return `${Number((value * 100).toPrecision(3))}%`;
    case 'count': return plain(value, '');
    default: return unit satisfies never;
  }
}

/** Three digits at most, and no needless zeros. */
function plain(value: number, suffix: string): string {
  const text = Math.abs(value) >= 999.5 || value === 0 ? format.number(value) : String(Number(value.toPrecision(3)));
  return `${text}${suffix}`;
}

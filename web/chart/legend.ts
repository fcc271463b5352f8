/** The legend of a chart: a button for each series, which hides and shows it, with its value under the pointer. */
import type { ChartData, ChartSeries } from '../../src/report/html/chart.ts';
import { swatchOf } from './look.ts';
import type { XScale } from './scale.ts';
import { unitText } from './unit.ts';

export interface Legend {
  readonly element: HTMLElement;
  /** Values of a step; null where the pointer is elsewhere. */
  show(step: number | null): void;
}

export function legendOf({ series, y }: ChartData, scale: XScale, toggle: (series: ChartSeries, isShown: boolean) => void): Legend {
  const element = document.createElement('div');
  element.className = 'keys';
  const when = document.createElement('span');
  when.className = 'when';
  const values = series.map((one) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.setAttribute('aria-pressed', 'true');
    const value = document.createElement('output');
    button.append(swatchOf(one), ` ${one.label} `, value);
    button.addEventListener('click', () => {
      const isShown = button.getAttribute('aria-pressed') !== 'true';
      button.setAttribute('aria-pressed', String(isShown));
      toggle(one, isShown);
    });
    element.append(button);
    return value;
  });
  element.append(when);
  return {
    element,
    show(step) {
      when.textContent = step === null || step >= scale.count ? '' : scale.text(step);
      for (const [i, one] of series.entries()) {
        const value = step === null ? undefined : one.values[step];
        values[i]!.textContent = value === undefined ? '' : value === null ? '-' : unitText(value, y.unit);
      }
    },
  };
}

/** Which thresholds can be drawn as a line in which chart. One of a single service or edge is of none: the charts are of requests. */
import type { Result, ThresholdResult } from '../../../result/result.ts';
import { inUnit, printable } from '../../summary.ts';
import { type LimitLine, rounded } from '../chart.ts';
import { perSecond } from '../../rate.ts';
import { endMsOf, windowsOf } from './time.ts';

export interface ThresholdChart {
  readonly section: 'latency' | 'load' | 'errors';
  readonly name: string;
}

export interface ExpressionParts {
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly stat: string;
  readonly op: string;
}

/** An expression that was accepted: `latency{phase:outage} p(99) < 1s`. */
export function partsOf(expr: string): ExpressionParts {
  const [, metric = '', tags = '', stat = '', op = ''] = /^\s*(\w+)\s*(?:\{([^}]*)\})?\s*(\w+(?:\([\d.]+\))?)\s*([<>=!]+)/.exec(expr) ?? [];
  return { metric, stat, op, tags: Object.fromEntries(tags.split(',').filter((tag) => tag.includes(':')).map((tag) => [tag.slice(0, tag.indexOf(':')).trim(), tag.slice(tag.indexOf(':') + 1).trim()])) };
}

export function chartOf({ expr }: ThresholdResult): ThresholdChart | null {
  const { metric, stat, tags } = partsOf(expr);
  if (Object.keys(tags).some((tag) => tag !== 'phase')) return null;
  if (metric === 'latency' && /^(p\(|med|max|min|avg)/.test(stat)) return { section: 'latency', name: 'Latency over time' };
  if ((metric === 'goodput' || metric === 'requests') && stat === 'rate') return { section: 'load', name: 'Offered load' };
  if (metric === 'errors' && stat === 'rate') return { section: 'errors', name: 'Errors by cause' };
  return null;
}

export function limitLines(section: ThresholdChart['section'], result: Result): LimitLine[] {
  return result.thresholds
    .filter((threshold) => chartOf(threshold)?.section === section)
    .slice(0, LINES_MAX)
    .flatMap((threshold): LimitLine[] => {
      const { phase } = partsOf(threshold.expr).tags;
      const line = {
        // The line says itself where it holds.
        label: `${printable(threshold.expr).replace(/\{[^}]*\}/, '')}${threshold.value === null ? '' : ` · was ${inUnit(threshold, threshold.value)}`}`,
        // Of a share of errors, as many a second as that share of what came.
        value: section === 'errors' ? rounded(smoothed(perSecond(result.series.requests, result)).map((rate) => (rate === null ? null : rate * threshold.limit))) : threshold.limit,
        isMet: threshold.pass,
      };
      return phase === undefined ? [line] : stretchesOf(phase, result).map((stretch) => ({ ...line, ...stretch }));
    });
}

/** Lines with a label each that still stand apart. */
const LINES_MAX = 8;

/** Each step the mean of those around it: arrivals come and go by chance, a limit does not. */
function smoothed(values: readonly (number | null)[]): (number | null)[] {
  const reach = Math.ceil(values.length / 24);
  return values.map((value, i) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, i - reach), i + reach + 1).filter((one) => one !== null);
    return near.reduce((sum, value) => sum + value, 0) / near.length;
  });
}

/** `outage` while the fault of that name is on, `after:outage` from its end; a phase of the load is nowhere in the result, and has no line. */
function stretchesOf(phase: string, result: Result): { fromMs: number; toMs: number }[] {
  const name = phase.replace(/^after:/, '');
  const own = windowsOf(result).filter((window) => window.name === name).map(({ fromMs, toMs }) => ({ fromMs, toMs }));
  const last = own.at(-1);
  if (phase === name || last === undefined) return own;
  return [{ fromMs: last.toMs, toMs: endMsOf(result) }];
}

/** Thresholds: what each asked for, what it got, and how far apart the two are. */
import type { Result, ThresholdResult } from '../../../result/result.ts';
import { styleOf } from '../../style.ts';
import { inUnit, thresholdSection as sectionOf } from '../../summary.ts';
import { ROWS_MAX } from '../data-table.ts';
import { html, type Markup } from '../markup.ts';
import { nothing, prose } from '../blocks.ts';
import type { PageSection } from '../page.ts';
import { px } from '../svg.ts';
import { chartOf, partsOf } from './limit-lines.ts';

const SIGNS = styleOf({ color: false, unicode: true });
const WORDS = { pass: 'held', fail: 'failed', unsure: 'held, but its interval crosses the limit', warn: '', none: '' } as const;

export function thresholdSection({ reps, thresholds }: Result): PageSection {
  const about = { id: 'thresholds', title: 'Thresholds' };
  if (thresholds.length === 0) return { ...about, body: nothing(prose('The scenario has no thresholds, so nothing was judged. `--threshold` adds one to a run.')) };
  const { marks, rows } = sectionOf(thresholds);
  return {
    ...about,
    lead: prose(reps.length > 1 ? 'The line across each scale is the limit, the dot what was measured, the bar around it the 95 % interval.' : 'The line across each scale is the limit, the dot what was measured. How sure it is, replications tell: `--reps 20`.'),
    body: html`<div class="data"><div class="scroll" tabindex="0" role="region" aria-label="Thresholds"><table class="thresholds">
<caption>Thresholds</caption>
<thead><tr><th scope="col" class="text">Threshold</th><th scope="col">Actual</th><th scope="col" class="text">95 % interval</th><th scope="col">Limit</th><th scope="col" class="text scale">Scale</th><th scope="col" class="text">Drawn in</th></tr></thead>
<tbody>${rows.slice(0, ROWS_MAX).map((row, i) => {
      const threshold = thresholds[i]!;
      const mark = marks![i]!;
      const chart = chartOf(threshold);
      return html`<tr id="threshold-${i + 1}" class="${mark}"><th scope="row" class="text"><span class="sign" role="img" aria-label="${WORDS[mark]}">${SIGNS.mark(mark)}</span> <code>${row[0]!.text}</code>${row[3]!.text !== '' && html`<br><small>${row[3]!.text}</small>`}</th><td data-v="${threshold.value}">${row[1]!.text}</td><td class="text">${row[2]!.text}</td><td data-v="${threshold.limit}">${limitText(threshold)}</td><td class="text scale">${scaleOf(threshold)}</td><td class="text">${chart === null ? '' : html`<a href="#${chart.section}">${chart.name}</a>`}</td></tr>
`;
    })}</tbody></table></div>${rows.length > ROWS_MAX && html`<p class="note">${rows.length - ROWS_MAX} more thresholds are in result.json.</p>`}</div>`,
  };
}

function limitText(threshold: ThresholdResult): string {
  return `${partsOf(threshold.expr).op} ${inUnit(threshold, threshold.limit)}`;
}

const WIDTH = 220;
const HEIGHT = 28;

/** From 0 where that is near, else around what there is. */
function scaleOf(threshold: ThresholdResult): Markup | null {
  const { high, limit, low, value } = threshold;
  if (value === null) return null;
  const points = [limit, value, ...(low === null || high === null ? [] : [low, high])];
  const most = Math.max(...points, 0) * 1.12 || 1;
  const at = (point: number): number => px(4 + ((WIDTH - 8) * Math.max(0, point)) / most);
  const isBelow = /^</.test(partsOf(threshold.expr).op);
  const isAbove = /^>/.test(partsOf(threshold.expr).op);
  return html`<svg class="bullet" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${`${inUnit(threshold, value)} against a limit of ${inUnit(threshold, limit)}`}"><rect class="base" x="4" y="11" width="${WIDTH - 8}" height="6" rx="3"/>${(isBelow || isAbove) && html`<rect class="allowed" x="${isBelow ? 4 : at(limit)}" y="11" width="${px(isBelow ? at(limit) - 4 : WIDTH - 4 - at(limit))}" height="6" rx="3"/>`}<line class="limit" x1="${at(limit)}" x2="${at(limit)}" y1="4" y2="24"/>${low !== null && high !== null && html`<rect class="interval" x="${at(low)}" y="9" width="${px(Math.max(1.5, at(high) - at(low)))}" height="10" rx="2"/>`}<circle class="value" cx="${at(value)}" cy="14" r="4.5"/></svg>`;
}


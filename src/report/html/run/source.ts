/** The scenario as it ran, every default filled in, with a place to link to for each fault and threshold. */
import { isMap, isSeq, LineCounter, parseDocument, stringify } from 'yaml';
import type { Result } from '../../../result/result.ts';
import { html, type Markup } from '../markup.ts';
import { nothing } from '../blocks.ts';
import type { PageSection } from '../page.ts';

export function sourceSection({ scenario, thresholds }: Result): PageSection {
  const about = { id: 'source', title: 'Scenario' };
  if (!isKnown(scenario)) return { ...about, body: nothing(NO_FILE) };
  const text = textOf(scenario.resolved).trimEnd();
  const lines = text.split('\n');
  const shown = lines.slice(0, LINES_MAX);
  const marks = marksOf(text, thresholds.length);
  return {
    ...about,
    lead: 'The file with every default filled in, as it ran; it can be run again as it stands.',
    body: html`<details class="source" open><summary>${scenario.name}, ${lines.length} lines</summary><pre class="yaml" tabindex="0"><code>${shown.map((line, i) => lineOf(line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line, marks.get(i + 1)))}</code></pre></details>${lines.length > shown.length && html`<p class="note">${lines.length - shown.length} more lines are in result.json.</p>`}`,
  };
}

export const NO_FILE = 'The run was made from a plan, without a file.';

/** Whether there is a scenario to show. */
export function isKnown({ resolved }: Result['scenario']): boolean {
  return resolved !== null && typeof resolved === 'object' && Object.keys(resolved).length > 0;
}

/** As a file would have it. */
export function textOf(resolved: unknown): string {
  return stringify(resolved, { lineWidth: 0, aliasDuplicateObjects: false });
}

/** Of a file that was generated, what a person still looks at. */
const LINES_MAX = 1500;
const LINE_MAX = 400;

interface LineMark {
  readonly id: string;
  /** Where what came of it is told. */
  readonly to: string;
  readonly doc: string;
}

/** By line, from 1. */
function marksOf(text: string, thresholds: number): Map<number, LineMark> {
  const lines = new LineCounter();
  const { contents } = parseDocument(text, { lineCounter: lines });
  const marks = new Map<number, LineMark>();
  if (!isMap(contents)) return marks;
  const itemsOf = (key: string): { readonly line: number; readonly name: string }[] => {
    const list = contents.get(key, true);
    if (!isSeq(list)) return [];
    return list.items.flatMap((item) => {
      const range = (item as { readonly range?: readonly number[] | null }).range;
      return range ? [{ line: lines.linePos(range[0]!).line, name: isMap(item) ? String(item.get('name') ?? '') : '' }] : [];
    });
  };
  for (const { line, name } of itemsOf('faults')) marks.set(line, { id: `source-fault-${name}`, to: '#latency', doc: `fault ${name}: shaded in the charts` });
  for (const [i, { line }] of itemsOf('thresholds').slice(0, thresholds).entries()) marks.set(line, { id: `source-threshold-${i + 1}`, to: `#threshold-${i + 1}`, doc: 'threshold: how it was judged' });
  return marks;
}

function lineOf(line: string, mark: LineMark | undefined): Markup {
  const [, indent = '', key, rest = ''] = /^(\s*(?:- )*)([^\s:#'"][^:#]*:|"[^"]*":)?(.*)$/s.exec(line) ?? [];
  const content = html`${indent}${key !== undefined && html`<b>${key}</b>`}${rest}`;
  return mark === undefined ? html`<span>${content}</span>` : html`<span class="marked" id="${mark.id}">${content} <a href="${mark.to}" title="${mark.doc}">↑ result</a></span>`;
}

/** `arrivalsFile`: recorded arrivals, offsets from the start in milliseconds with an optional class. */
import type { LoadPlan } from '../model/plan.ts';
import { NS_MAX, NS_PER_MS } from '../model/units.ts';
import { readTable, reportFile } from './data-file.ts';
import type { At } from './schema.ts';
import { didYouMean } from './suggest.ts';

type Recorded = Extract<LoadPlan, { kind: 'recorded' }>;

/** Sorted by time; what comes after `durationNs` is left out with a warning, since arrivals stop there. */
export function readRecording(at: At, file: string, classNames: readonly string[], durationNs: number): Recorded {
  const nothing: Recorded = { kind: 'recorded', offsetsNs: [], classes: [] };
  const table = readTable(at, file);
  if (table === null) return nothing;
  const arrivals: { readonly atNs: number; readonly class: number }[] = [];
  let late = 0;
  for (const { line, cells } of table.rows) {
    const [offset = '', name] = cells;
    const ms = offset === '' ? NaN : Number(offset);
    if (!(ms >= 0 && ms * NS_PER_MS <= NS_MAX)) {
      reportFile(at, file, line, `\`${offset.slice(0, 40)}\` is not an offset`, 'milliseconds from the start, 0 or more');
      return nothing;
    }
    const index = name === undefined || name === '' ? 0 : classNames.indexOf(name);
    if (index < 0) {
      reportFile(at, file, line, `there is no request class \`${name!.slice(0, 40)}\``, didYouMean(name!, classNames) ?? 'list it under `requests`');
      return nothing;
    }
    const atNs = Math.round(ms * NS_PER_MS);
    if (atNs < durationNs) arrivals.push({ atNs, class: index });
    else late++;
  }
  if (late > 0) at.report('no-effect', `${late} of ${table.rows.length} recorded arrivals are after \`duration\``, { severity: 'warning', hint: 'they are left out' });
  if (table.rows.length === 0) reportFile(at, file, null, 'there are no arrivals in it', null);
  arrivals.sort((a, b) => a.atNs - b.atNs);
  return { kind: 'recorded', offsetsNs: arrivals.map(({ atNs }) => atNs), classes: arrivals.map((arrival) => arrival.class) };
}

/** What policies took out of use, and for how long: events of a result as stretches of time. */
import type { EventResult, Result } from '../../../result/result.ts';
import * as format from '../../format.ts';
import type { Lane, Pattern } from '../chart.ts';

export type OutKind = 'ejected' | 'breaker' | 'unhealthy' | 'shedding' | 'panic';

export interface OutLook {
  /** Of one that is out of use. */
  readonly title: string;
  readonly pattern: Pattern;
}

/** In the order in which they are shown; each with its colour in the style sheet, `--c-out-…`. */
export const OUT_LOOKS: Readonly<Record<OutKind, OutLook>> = {
  breaker: { title: 'breaker open', pattern: 'plain' },
  ejected: { title: 'ejected', pattern: 'rising' },
  unhealthy: { title: 'unhealthy', pattern: 'dots' },
  shedding: { title: 'shedding', pattern: 'falling' },
  panic: { title: 'panic', pattern: 'grid' },
};

export interface Stretch {
  readonly kind: OutKind;
  readonly edge: string;
  readonly caller: string;
  /** None where it is the whole service. */
  readonly endpoint: string | null;
  readonly fromMs: number;
  readonly toMs: number;
}

const BEGINS: Readonly<Partial<Record<EventResult['kind'], OutKind>>> = { ejected: 'ejected', breakerOpened: 'breaker', unhealthy: 'unhealthy', shedOn: 'shedding', panicOn: 'panic' };
const ENDS: Readonly<Partial<Record<EventResult['kind'], OutKind>>> = { unejected: 'ejected', breakerClosed: 'breaker', healthy: 'unhealthy', shedOff: 'shedding', panicOff: 'panic' };

/** Up to when all that policies did is listed, ms; null where that is the whole run. */
export function listedUntilMs({ events, warnings }: Result): number | null {
  if (!warnings.some(({ code }) => code === 'events-cut')) return null;
  // Faults are listed in any case.
  return events.findLast(({ kind }) => BEGINS[kind] !== undefined || ENDS[kind] !== undefined)?.atMs ?? 0;
}

/** By start. What has no end lasts as long as the run, or as what is known of it. */
export function stretchesOf(result: Result): Stretch[] {
  const { events, window } = result;
  const open = new Map<string, Omit<Stretch, 'toMs'>>();
  const stretches: Stretch[] = [];
  for (const { atMs, caller = '', edge = '', endpoint = null, kind, policy = '' } of events) {
    const begins = BEGINS[kind];
    const ends = ENDS[kind];
    const key = `${begins ?? ends} ${policy} ${edge} ${caller} ${endpoint}`;
    // An endpoint that is still out may be taken out anew.
    if (begins !== undefined && !open.has(key)) open.set(key, { kind: begins, edge, caller, endpoint, fromMs: atMs });
    const begun = ends === undefined ? undefined : open.get(key);
    if (begun === undefined) continue;
    stretches.push({ ...begun, toMs: atMs });
    open.delete(key);
  }
  const endMs = listedUntilMs(result) ?? Math.max(window.endMs, window.durationMs);
  return [...stretches, ...[...open.values()].map((begun) => ({ ...begun, toMs: endMs }))].sort((a, b) => a.fromMs - b.fromMs);
}

/** How many of the stretches there are at once, where that changes; stretches without any are left out. */
export function levelsOf(stretches: readonly Stretch[]): { readonly fromMs: number; readonly toMs: number; readonly many: number }[] {
  const changes = stretches.flatMap(({ fromMs, toMs }) => [{ atMs: fromMs, by: 1 }, { atMs: toMs, by: -1 }]).sort((a, b) => a.atMs - b.atMs || b.by - a.by);
  const levels: { fromMs: number; toMs: number; many: number }[] = [];
  let many = 0;
  changes.forEach(({ atMs, by }, i) => {
    many += by;
    const next = changes[i + 1];
    if (next !== undefined && many > 0 && next.atMs > atMs) levels.push({ fromMs: atMs, toMs: next.atMs, many });
  });
  return levels;
}

/** A lane for each kind that happened, darker the more there were. */
export function lanesOf(result: Result): Lane[] {
  const stretches = stretchesOf(result);
  const untilMs = listedUntilMs(result);
  const known = untilMs === null ? '' : `, known to ${format.duration(untilMs)}`;
  return (Object.keys(OUT_LOOKS) as OutKind[]).flatMap((kind) => {
    const own = stretches.filter((stretch) => stretch.kind === kind);
    if (own.length === 0) return [];
    const levels = levelsOf(own);
    const most = Math.max(...levels.map(({ many }) => many));
    const { pattern, title } = OUT_LOOKS[kind];
    return [{ label: `${title}${known}`, pattern, color: `out-${kind}`, spans: levels.map(({ fromMs, many, toMs }) => ({ fromMs: Math.round(fromMs), toMs: Math.round(toMs), share: Number((many / most).toFixed(2)) })) }];
  });
}

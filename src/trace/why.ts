/** Why-diff: the requests that two runs under one seed treated differently, by what they did differently first. */
import { Outcome } from '../model/outcome.ts';
import type { Plan } from '../model/plan.ts';
import { msOf } from '../model/units.ts';
import type { Why, WhyCause, WhyExample } from '../result/why.ts';
import { type Divergence, Divergences, type Pair } from './divergence.ts';
import type { Matching } from './matching.ts';
import type { RequestSpan } from './spans.ts';
import { Names, written } from './written.ts';

const THRESHOLD = 0.1;
const CAUSES_MAX = 20;
const EXAMPLES = 3;
/** Calls and attempts that are written of a request. */
const TREE_MAX = 40;

interface Group {
  readonly divergence: Divergence;
  readonly pairs: Pair<RequestSpan>[];
}

/** @param runs  of the reference and the other, under that seed */
export function whyOf(plans: Pair<Plan>, runs: Pair<Matching>, seed: number): Omit<Why, 'sides'> {
  const samples = [runs[0].sample(), runs[1].sample()] as const;
  const below = Math.min(samples[0].below, samples[1].below);
  const names: Pair<Names> = [new Names(plans[0]), new Names(plans[1])];
  const divergences = new Divergences(names);
  const others = new Map(samples[1].kept.map(({ request }) => [keyOf(request, names[1]), request]));
  const groups = new Map<string, Group>();
  const sample = samples[0].kept.filter(({ rank }) => rank < below);
  let examined = 0;
  let differing = 0;
  for (const { request } of sample) {
    const other = others.get(keyOf(request, names[0]));
    if (other === undefined) continue;
    examined++;
    if (!differ(request, other)) continue;
    differing++;
    const divergence = divergences.of([request, other], Math.abs(request.latencyNs - other.latencyNs));
    const key = JSON.stringify([divergence.kind, divergence.on, divergence.edge, divergence.endpoint, divergence.detail]);
    const group = groups.get(key) ?? { divergence, pairs: [] };
    group.pairs.push([request, other]);
    groups.set(key, group);
  }
  // Of the requests with a rank that small both runs kept all; how many the reference had was counted.
  const scale = sample.length === 0 ? 0 : runs[0].count / sample.length;
  const sorted = [...groups.values()].sort((one, other) => other.pairs.length - one.pairs.length);
  const shown = sorted.slice(0, CAUSES_MAX);
  return {
    seed,
    requests: Math.round(examined * scale),
    examined,
    threshold: THRESHOLD,
    differing: Math.round(differing * scale),
    causes: shown.map((group) => causeOf(group, differing, scale)),
    otherCauses: Math.round(sorted.slice(CAUSES_MAX).reduce((sum, { pairs }) => sum + pairs.length, 0) * scale),
    examples: shown.slice(0, EXAMPLES).map((group, cause) => exampleOf(group, cause, names)),
  };
}

function keyOf({ number, source }: RequestSpan, { plan }: Names): string {
  return `${plan.traffic[source]!.name} ${number}`;
}

function differ(one: RequestSpan, other: RequestSpan): boolean {
  return isOk(one) !== isOk(other) || Math.abs(one.latencyNs - other.latencyNs) > THRESHOLD * one.latencyNs;
}

function isOk({ outcome }: RequestSpan): boolean {
  return outcome === Outcome.ok;
}

function causeOf({ divergence, pairs }: Group, differing: number, scale: number): WhyCause {
  const scaled = (is: (pair: Pair<RequestSpan>) => boolean): number => Math.round(pairs.filter(is).length * scale);
  return {
    ...divergence,
    requests: Math.round(pairs.length * scale),
    share: Math.round((1e4 * pairs.length) / differing) / 1e4,
    changeMs: Math.round(1e6 * meanChangeMs(pairs)) / 1e6,
    gained: scaled(([one, other]) => isOk(other) && !isOk(one)),
    lost: scaled(([one, other]) => isOk(one) && !isOk(other)),
  };
}

function meanChangeMs(pairs: readonly Pair<RequestSpan>[]): number {
  return pairs.reduce((sum, pair) => sum + changeMs(pair), 0) / pairs.length;
}

function changeMs([one, other]: Pair<RequestSpan>): number {
  return msOf(other.latencyNs - one.latencyNs);
}

/** Of the median change. */
function exampleOf({ pairs }: Group, cause: number, names: Pair<Names>): WhyExample {
  const [reference, other] = [...pairs].sort((one, two) => changeMs(one) - changeMs(two))[Math.floor(pairs.length / 2)]!; // a group has a pair
  return { cause, reference: written(reference, names[0], TREE_MAX), other: written(other, names[1], TREE_MAX) };
}

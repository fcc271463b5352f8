/** What makes two sides differ in more than the policy, in sentences: read before the table. */
import { grouped } from '../model/grouped.ts';
import { percentileText, samplesForInterval } from '../model/samples.ts';
import { REPLICATIONS_MIN } from './comparison.ts';
import type { Matching } from './compare.ts';
import { meanOf } from '../stats/difference.ts';
import type { Side } from './side.ts';

/** Of one offered load and another, where it is more than chance. */
const LOAD_RATIO = 0.01;

export function caveatsOf(reference: Side, others: readonly Side[], matchings: readonly Matching[]): string[] {
  const sides = [reference, ...others];
  return [
    ...different('durations differ', sides, ({ durationMs }) => seconds(durationMs)),
    ...different('warm-up cuts differ', sides, ({ warmupMs }) => seconds(warmupMs)),
    ...different('made by different versions of meshsim', sides, ({ meshsim }) => meshsim),
    ...few(sides),
    ...fewRequests(sides),
    ...others.flatMap((side, i) => [...seeds(reference, side, matchings[i]!), ...load(side, matchings[i]!)]),
  ];
}

function different(what: string, sides: readonly Side[], of: (side: Side) => string): string[] {
  if (sides.every((side) => of(side) === of(sides[0]!))) return [];
  return [`${what}: ${sides.map((side) => `${of(side)} (${side.label})`).join(', ')}`];
}

function few(sides: readonly Side[]): string[] {
  const fewest = Math.min(...sides.map(({ replications }) => replications.length));
  return fewest >= REPLICATIONS_MIN ? [] : [`values without a verdict: ${fewest === 1 ? '1 replication' : `${fewest} replications`} on a side, and a verdict takes at least ${REPLICATIONS_MIN}`];
}

/** The interval of a percentile comes from those of single replications, which are biased where there is too little above them. */
function fewRequests(sides: readonly Side[]): string[] {
  const counts = sides.flatMap(({ replications }) => replications.map(({ requests }) => requests));
  const fewest = Math.min(...counts);
  const short = [0.99, 0.999].filter((p) => counts.length > 1 && fewest < samplesForInterval(p));
  if (short.length === 0) return [];
  return [`${grouped(fewest)} requests in a replication: percentiles of single runs are biased, ${short.map((p) => `${percentileText(p)} below ${grouped(samplesForInterval(p))}`).join(', ')}`];
}

function seeds({ replications }: Side, side: Side, { pairing, to }: Matching): string[] {
  if (pairing === 'unpaired') return [`${side.label} ran with other seeds: nothing is paired, and changes carry the luck of both sides`];
  const left = replications.length + side.replications.length - 2 * to.length;
  return left === 0 ? [] : [`${side.label} shares ${to.length} seeds with the reference; ${left} replications without a partner count in the columns, not in the change`];
}

/** Users who wait for answers ask less of a mesh that is slow; everybody else asks the same of both sides. */
function load(side: Side, { from, to }: Matching): string[] {
  const [a, b] = [from, to].map((samples) => samples.reduce((sum, { requests }) => sum + requests, 0)) as [number, number];
  if (a === 0 || b === 0) return [];
  const ratio = meanOf(to.map(({ rps }) => rps)) / meanOf(from.map(({ rps }) => rps)) - 1;
  if (Math.abs(ratio) <= LOAD_RATIO + 3 * Math.sqrt(1 / a + 1 / b)) return [];
  return [`${side.label} was asked ${Math.abs(100 * ratio).toFixed(1)} % ${ratio < 0 ? 'less' : 'more'} a second than the reference`];
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

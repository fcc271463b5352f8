/**
 * Metastability: is there a push after which the system stays down although the push is over? After Bronson, Aghayev, Charapko
 * and Zhu, Metastable Failures in Distributed Systems (HotOS 2021), whose words these are: vulnerable between the load below
 * which every trigger is recovered from and the load at which it falls over by itself, and sustained by what the
 * system does to itself once it is down, most often retries.
 */
import type { EdgeId } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';
import { type Bracket, type Range, type Search as SearchFor, together, turningPoint } from '../search/turning-point.ts';
import { fallen, type Finding, staysDown, wasDown } from './finding.ts';
import { snapOf, type Trial, type Trigger } from './trial.ts';

export interface ProbeLimits {
  /** Triggers to try. */
  readonly triggers: readonly Trigger[];
  /** Shortest and longest that a trigger is on, ns. */
  readonly shortestNs: number;
  readonly longestNs: number;
  /** How long to watch while searching, and before what was found is believed, ns. */
  readonly lookNs: number;
  readonly watchNs: number;
}

/** One trigger at the file's load: the longest that was recovered from, the shortest that was not. */
export interface Push {
  readonly trigger: Trigger;
  readonly lengthNs: Bracket<Finding>;
}

export interface Sustained {
  readonly edges: readonly EdgeId[];
  /** The same push without the retries of these edges. */
  readonly finding: Finding;
  /** Attempts a call on these edges while it is down, the largest. */
  readonly attempts: number;
}

export interface Probed {
  /** At the file's load without any trigger. */
  readonly standing: Finding;
  /** Then it does not stand up, in some run at least. */
  readonly isDown: boolean;
  readonly pushes: readonly Push[];
  /** The load (a share of the file's) up to which every trigger of the greatest length is recovered from. */
  readonly safeLoad: Bracket<Finding>;
  /** The load up to which it stands up by itself. */
  readonly ownLoad: Bracket<Finding>;
  /** Without the retries of which edges the worst push is recovered from; empty where that is nobody's. */
  readonly sustainedBy: readonly Sustained[];
  /** The push that this was tried with; null where every one was recovered from. */
  readonly worst: { readonly trigger: Trigger; readonly lengthNs: number; readonly finding: Finding } | null;
}

type Search<Value> = SearchFor<Value, Trial, Finding>;

/** Ends of a bracket as a ratio. */
const LENGTH_WITHIN = 1.15;
const LOAD_WITHIN = 1.03;
const FIRST_LENGTH_NS = 4 * NS_PER_S;
const LEAST_LOAD = 1 / 64;
const MOST_LOAD = 16;
/** A push that surely does not recover: above the shortest that does not, by this factor. */
const CLEARLY = 1.5;

export function* probe(plan: Plan, limits: ProbeLimits): Search<Probed> {
  const standing = yield* withoutTrigger(1, limits);
  const isDown = wasDown(standing) || staysDown(standing);
  const pushes = isDown ? [] : yield* together(limits.triggers.map((trigger) => push(trigger, limits)));
  const [safeLoad, ownLoad] = yield* together([safeLoadOf(plan, limits), ownLoadOf(plan, limits)]);
  const worst = worstOf(pushes, limits);
  return { standing, isDown, pushes, safeLoad: safeLoad!, ownLoad: ownLoad!, worst, sustainedBy: worst === null ? [] : yield* sustainers(plan, worst, limits) };
}

/** Found with short looks, then watched for long; if that says otherwise, searched again with long ones. */
function* push(trigger: Trigger, limits: ProbeLimits): Search<Push> {
  const { longestNs, lookNs, shortestNs, watchNs } = limits;
  const range = { low: shortestNs, high: longestNs, from: Math.min(FIRST_LENGTH_NS, longestNs), within: LENGTH_WITHIN };
  const search = (watch: number): Search<Bracket<Finding>> =>
    turningPoint(range, function* (lengthNs) {
      const evidence = yield* watched({ trigger, lengthNs, load: 1, watchNs: watch, withoutRetries: [] });
      return { holds: !staysDown(evidence), evidence };
    });
  const found = yield* search(lookNs);
  if (found.breaks === null || lookNs === watchNs) return { trigger, lengthNs: found };
  const atBreaks = yield* watched({ trigger, lengthNs: found.breaks, load: 1, watchNs, withoutRetries: [] });
  return { trigger, lengthNs: staysDown(atBreaks) ? { ...found, atBreaks } : yield* search(watchNs) };
}

function loadRange(plan: Plan): Range {
  const { least, snap } = snapOf(plan);
  return { low: Math.max(least, snap(LEAST_LOAD)), high: snap(MOST_LOAD), from: 1, within: LOAD_WITHIN, snap };
}

/** The least load at which some trigger is not recovered from. */
function* safeLoadOf(plan: Plan, limits: ProbeLimits): Search<Bracket<Finding>> {
  return yield* turningPoint(loadRange(plan), function* (load) {
    const findings = yield* together(limits.triggers.map((trigger) => watched({ trigger, lengthNs: limits.longestNs, load, watchNs: limits.watchNs, withoutRetries: [] })));
    const worst = findings.reduce((one, other) => (fallen(other) > fallen(one) ? other : one));
    return { holds: findings.every((finding) => !staysDown(finding) && !wasDown(finding)), evidence: worst };
  });
}

function* ownLoadOf(plan: Plan, limits: ProbeLimits): Search<Bracket<Finding>> {
  return yield* turningPoint(loadRange(plan), function* (load) {
    const finding = yield* withoutTrigger(load, limits);
    return { holds: !staysDown(finding) && !wasDown(finding), evidence: finding };
  });
}

/** Watched as long as a system is given at most: what falls over by itself may take its time. */
function* withoutTrigger(load: number, { watchNs }: ProbeLimits): Search<Finding> {
  return yield* watched({ trigger: { kind: 'none' }, lengthNs: 0, load, watchNs, withoutRetries: [] });
}

function* watched(trial: Trial): Search<Finding> {
  const [finding] = yield [trial];
  return finding!;
}

/** Of the triggers that are not recovered from, the one that is on for the shortest time. */
function worstOf(pushes: readonly Push[], { longestNs }: ProbeLimits): Probed['worst'] {
  const broken = pushes.flatMap(({ trigger, lengthNs: { breaks, atBreaks } }) => (breaks === null ? [] : [{ trigger, lengthNs: breaks, finding: atBreaks! }]));
  if (broken.length === 0) return null;
  const worst = broken.reduce((one, other) => (other.lengthNs < one.lengthNs ? other : one));
  return { ...worst, lengthNs: Math.min(worst.lengthNs * CLEARLY, longestNs) };
}

/** The edges without whose retries the same push is recovered from: one by one, and all together where no single one is enough. */
function* sustainers(plan: Plan, { finding, lengthNs, trigger }: NonNullable<Probed['worst']>, limits: ProbeLimits): Search<Sustained[]> {
  const retrying = plan.edges.flatMap(({ policy: { hedge, retries } }, edge) => ((retries !== null && retries.attempts > 0) || hedge !== null ? [edge] : []));
  const groups = [...retrying.map((edge) => [edge]), ...(retrying.length > 1 ? [retrying] : [])];
  const findings = yield* together(groups.map((edges) => watched({ trigger, lengthNs, load: 1, watchNs: limits.watchNs, withoutRetries: edges })));
  const saved = groups.flatMap((edges, i) => (staysDown(findings[i]!) ? [] : [{ edges, finding: findings[i]!, attempts: Math.max(...edges.map((edge) => finding.attempts[edge] ?? 1)) }]));
  const single = saved.filter(({ edges }) => edges.length === 1);
  return single.length > 0 ? single : saved;
}

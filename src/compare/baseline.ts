/**
 * A baseline: the replications of a scenario in a file that lives in a repository, for later runs to be compared with. Keys are
 * sorted and a figure is a line with its values in the order of the replications, so a diff shows which figures moved.
 * Seeds are kept, so that a later run under the same ones is compared in pairs.
 */
import { OUTCOME_NAMES, type OutcomeName } from '../model/outcome.ts';
import { lineJson } from '../result/line-json.ts';
import type { Sample, Side } from './side.ts';

export const BASELINE_SCHEMA = 'meshsim/baseline/1';

/** Of its text. With some two hundred replications it is reached, and many more than that are in no need of a file for git. */
export const BASELINE_BYTES_MAX = 50_000;

export function baselineText({ scenario, sha256, meshsim, seed, durationMs, warmupMs, replications }: Side): string {
  const causes = OUTCOME_NAMES.filter((name) => replications.some((replication) => replication.causes[name] !== undefined));
  return lineJson(sorted({
    schema: BASELINE_SCHEMA,
    meshsim,
    scenario: { name: scenario, sha256 },
    seed,
    window: { durationMs, warmupMs },
    replications: {
      ...Object.fromEntries(FIGURES.map(({ name, of }) => [name, replications.map(of)])),
      causes: Object.fromEntries(causes.map((cause) => [cause, replications.map((replication) => replication.causes[cause] ?? 0)])),
    },
  }));
}

interface Figure {
  readonly name: string;
  /** A whole number; of the others only `isMaybe` may be null. */
  readonly isCount: boolean;
  readonly isMaybe?: true;
  of(replication: Sample): number | null;
}

const FIGURES: readonly Figure[] = [
  { name: 'seed', isCount: true, of: ({ seed }) => seed },
  { name: 'requests', isCount: true, of: ({ requests }) => requests },
  { name: 'rps', isCount: false, of: ({ rps }) => rps },
  { name: 'goodput', isCount: false, of: ({ goodput }) => goodput },
  { name: 'attempts', isCount: true, of: ({ attempts }) => attempts },
  { name: 'p50Ms', isCount: false, isMaybe: true, of: ({ latencyMs }) => latencyMs.p50 },
  { name: 'p99Ms', isCount: false, isMaybe: true, of: ({ latencyMs }) => latencyMs.p99 },
  { name: 'p999Ms', isCount: false, isMaybe: true, of: ({ latencyMs }) => latencyMs.p999 },
  { name: 'busiest', isCount: false, isMaybe: true, of: ({ busiest }) => busiest },
  { name: 'imbalance', isCount: false, isMaybe: true, of: ({ imbalance }) => imbalance },
];

/** The side, or what is wrong with the file. */
export function readBaseline(document: unknown, label: string): Side | string {
  const { schema, meshsim, scenario, seed, window, replications } = mapOf(document);
  const { name, sha256 } = mapOf(scenario);
  const { durationMs, warmupMs } = mapOf(window);
  if (schema !== BASELINE_SCHEMA) return `its schema is ${JSON.stringify(schema) ?? 'missing'}; this version of meshsim reads ${BASELINE_SCHEMA}`;
  if (typeof meshsim !== 'string' || typeof name !== 'string' || typeof sha256 !== 'string') return '`meshsim`, `scenario.name` and `scenario.sha256` must be texts';
  if (!isCount(seed) || !isNumber(durationMs) || !isNumber(warmupMs) || !(durationMs > warmupMs)) return '`seed`, `window.durationMs` and `window.warmupMs` must be numbers, the first time longer than the second';
  const read = readReplications(mapOf(replications));
  if (typeof read === 'string') return read;
  return { label, scenario: name, sha256, meshsim, seed, durationMs, warmupMs, replications: read };
}

function readReplications(columns: Readonly<Record<string, unknown>>): Sample[] | string {
  const seeds = columns['seed'];
  const n = Array.isArray(seeds) ? seeds.length : 0;
  if (n === 0) return '`replications.seed` must be a list of seeds';
  const isColumn = (values: unknown, isGood: (value: unknown) => boolean): values is number[] => Array.isArray(values) && values.length === n && values.every(isGood);
  for (const { name, isCount: isWhole, isMaybe } of FIGURES) {
    if (!isColumn(columns[name], (value) => (isWhole ? isCount(value) : isNumber(value) || (isMaybe === true && value === null)))) {
      return `\`replications.${name}\` must be a list of ${n} ${isWhole ? 'whole numbers' : 'numbers'}, as many as there are seeds`;
    }
  }
  if (new Set(seeds as number[]).size < n) return '`replications.seed` has a seed twice';
  const causes = Object.entries(mapOf(columns['causes']));
  for (const [cause, counts] of causes) {
    if (!OUTCOME_NAMES.includes(cause as OutcomeName) || !isColumn(counts, isCount)) return `\`replications.causes.${cause}\` must be an outcome with a list of ${n} whole numbers`;
  }
  // Both were checked above.
  const count = (name: string, i: number): number => (columns[name] as number[])[i]!;
  const value = (name: string, i: number): number | null => (columns[name] as (number | null)[])[i]!;
  return Array.from({ length: n }, (_, i): Sample => ({
    seed: count('seed', i),
    requests: count('requests', i),
    rps: count('rps', i),
    goodput: count('goodput', i),
    attempts: count('attempts', i),
    latencyMs: { p50: value('p50Ms', i), p99: value('p99Ms', i), p999: value('p999Ms', i) },
    busiest: value('busiest', i),
    imbalance: value('imbalance', i),
    causes: Object.fromEntries(causes.map(([cause, counts]) => [cause, (counts as number[])[i]!]).filter(([, count]) => count !== 0)),
  }));
}

function mapOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isCount(value: unknown): value is number {
  return isNumber(value) && Number.isSafeInteger(value);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}

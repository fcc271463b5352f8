/** Section 3: the whole file, and its JSON Schema. */
import { NAME, NAME_HINT, choice, duration, integer, name, ratio, text, boolean } from './scalar.ts';
import type { DistributionPlan } from '../model/plan.ts';
import { distribution } from './distribution.ts';
import { fault, type FaultFile } from './fault-schema.ts';
import { policy, type PolicyFile } from './policy-schema.ts';
import { Defs, derived, field, type JsonObject, list, map, type Named, orWord, record, required, type Schema } from './schema.ts';
import { service, type ServiceFile } from './service-schema.ts';
import { traffic, type TrafficFile } from './traffic-schema.ts';

export interface ScenarioFile {
  readonly name: string;
  readonly description: string;
  readonly seed: number;
  readonly duration: number;
  /** Null is `auto`. */
  readonly warmup: number | null;
  readonly drain: number;
  readonly replications: number;
  readonly zones: readonly string[];
  readonly network: NetworkFile;
  readonly services: readonly Named<ServiceFile>[];
  readonly policies: readonly Named<PolicyFile>[];
  readonly traffic: readonly TrafficFile[];
  readonly faults: readonly FaultFile[];
  readonly thresholds: readonly ThresholdFile[];
}

export interface NetworkFile {
  readonly latency: DistributionPlan;
  readonly betweenZones: DistributionPlan;
  readonly links: readonly Named<DistributionPlan>[];
  readonly loss: number;
}

export interface ThresholdFile {
  readonly expr: string;
  readonly abort: boolean;
  readonly after: number;
  readonly confidence: 'point' | 'strict' | 'lenient';
}

const network: Schema<NetworkFile> = map<NetworkFile>({
  def: 'network',
  noun: 'a network',
  doc: 'One-way latencies. A new connection costs one round trip.',
  shorthand: 'latency',
  examples: [{ latency: '0.25ms', betweenZones: '1ms' }],
  fields: {
    latency: field(distribution(['0.25ms']), 0, 'One-way latency inside a zone, a distribution.'),
    betweenZones: derived(distribution(['1ms']), (before) => before.get('latency') ?? 0, 'the same as `latency`', 'One-way latency between zones, a distribution.'),
    links: field(record({ noun: 'links', doc: 'One-way latency from one zone to another; the other direction keeps `betweenZones`.', key: /^[A-Za-z][A-Za-z0-9_.-]*->[A-Za-z][A-Za-z0-9_.-]*$/, keyHint: 'two zones, such as "eu-a->us-a"', of: distribution(['80ms']), exampleKey: 'eu-a->us-a' }), {}, 'One-way latency of single directions.'),
    loss: field(ratio(['1%']), '0%', 'Share of messages lost on any link.'),
  },
});

const threshold: Schema<ThresholdFile> = map<ThresholdFile>({
  def: 'threshold',
  noun: 'a threshold',
  doc: 'What must hold: METRIC{tag:value,...} STAT OP VALUE. Metrics: latency, errors, requests, goodput, retries, hedges, queue, busy, ejected, breaker_open, recovery. Tags: service, edge, endpoint, traffic, class, phase.',
  shorthand: 'expr',
  examples: ['latency p(99) < 250ms', { expr: 'errors rate < 0.1%', abort: true, after: '5s' }],
  fields: {
    expr: required(text({ noun: 'a threshold expression', examples: ['latency p(99) < 250ms'] }), 'The expression.'),
    abort: field(boolean(), false, 'Stop the run as soon as it fails.'),
    after: field(duration({ examples: ['5s'] }), 0, 'Do not stop the run before this.'),
    confidence: field(choice({ point: 'by the value', strict: 'fails if the interval crosses the limit', lenient: 'fails only if the whole interval is beyond the limit' }, { noun: 'a way of judging' }), 'point', 'How it is judged; the interval is that over `replications`.'),
  },
});

/** `fileName` is the default of `name`. */
export function scenario(fileName: string): Schema<ScenarioFile> {
  return map<ScenarioFile>({
    noun: 'a scenario',
    doc: 'What is run: services, the policies their callers use, traffic, faults, and what must hold.',
    later: { changes: 'changes of the configuration during a run', routes: 'routes beside those of a service' },
    examples: [{ duration: '60s', services: { web: { latency: '5ms' } }, traffic: [{ to: 'web', rate: '100/s' }] }],
    fields: {
      name: derived(text({ noun: 'a name', loose: true, examples: ['checkout-brownout'] }), () => fileName, "the file's name", 'Name of the scenario.'),
      description: field(text({ noun: 'a description', loose: true, examples: ['one line'] }), '', 'What it shows.'),
      seed: field(integer({ min: 0, max: Number.MAX_SAFE_INTEGER, examples: [42] }), 1, 'Everything random comes from it.'),
      duration: required(duration({ min: 1, examples: ['60s'] }), 'Arrivals stop here.'),
      warmup: field(orWord(duration({ examples: ['10s'] }), 'auto', null), 0, 'Requests that arrive before it are not counted; `auto` finds it with a pilot run (MSER-5 on what comes before the first fault or change of rate).'),
      drain: field(duration({ examples: ['30s'] }), '30s', 'Longest wait for work in flight after `duration`; what is left counts as `unfinished`.'),
      replications: field(integer({ min: 1, max: 100_000, examples: [10] }), 1, 'Independent runs, the first with `seed` and the others with seeds derived from it; from two on figures have intervals.'),
      zones: field(list(name('a zone name', 'eu-a'), { noun: 'a list of zones', min: 1, max: 256 }), ['default'], 'Names of the zones.'),
      network: field(network, {}, 'Latency and loss between endpoints.'),
      services: required(record({ noun: 'services', doc: 'Services by name.', key: NAME, keyHint: NAME_HINT, of: service, min: 1, max: 10_000, exampleKey: 'web' }), 'Services by name.'),
      policies: field(record({ noun: 'policies', doc: 'Policies by name; `default` is used where none is named.', key: NAME, keyHint: NAME_HINT, of: policy, max: 10_000, exampleKey: 'standard' }), {}, 'Policies by name; `default` is used where none is named.'),
      traffic: required(list(traffic, { noun: 'a list of traffic sources', min: 1, max: 10_000 }), 'Who asks what, and when.'),
      faults: field(list(fault, { noun: 'a list of faults', max: 10_000 }), [], 'What goes wrong, and when.'),
      thresholds: field(list(threshold, { noun: 'a list of thresholds', max: 1000 }), [], 'What must hold.'),
    },
  });
}

/** JSON Schema (2020-12) of a scenario: every default, unit and word, for editors and for `meshsim schema`. */
export function scenarioSchema(): object {
  const defs = new Defs();
  const root: JsonObject = scenario('NAME').json(defs);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'meshsim scenario',
    ...root,
    $defs: Object.fromEntries(defs.entries),
  };
}

/** Section 4: services and the calls they make. */
import type { DistributionPlan, ErrorPlan } from '../model/plan.ts';
import { distribution } from './distribution.ts';
import { type PolicyRef, policyRefField } from './policy-schema.ts';
import { boolean, choice, duration, integer, NAME_HINT, name, number, ratio } from './scalar.ts';
import { field, list, map, type Named, optional, orWord, part, type Read, record, required, type Schema } from './schema.ts';

export interface ServiceFile {
  readonly replicas: number;
  readonly concurrency: number;
  readonly queue: { readonly limit: number; readonly discipline: 'fifo' | 'lifo'; readonly timeout: DistributionPlan | null };
  readonly cpu: 'none';
  readonly latency: DistributionPlan;
  readonly errors: ErrorsFile | null;
  readonly onCancel: 'continue' | 'dropQueued' | 'stop';
  readonly calls: readonly StepFile[];
  readonly weights: readonly number[] | null;
  readonly zones: readonly string[] | null;
  readonly startup: number;
  readonly routes: readonly { readonly split: readonly Named<number>[] }[];
  readonly policy: PolicyRef | null;
}

export interface ErrorsFile {
  readonly rate: number;
  readonly status: number;
  /** Null is after the own work. */
  readonly after: number | null;
}

export function errorPlan(errors: ErrorsFile | null): ErrorPlan | null {
  return errors === null ? null : { rate: errors.rate, status: errors.status, afterNs: errors.after };
}

/** Calls made at once; `parallel` says how the file wrote it, so that paths can be found again. */
export interface StepFile {
  readonly parallel: boolean;
  readonly calls: readonly CallFile[];
}

export interface CallFile {
  readonly service: string;
  readonly probability: number;
  readonly optional: boolean;
  readonly times: number;
  readonly policy: PolicyRef | null;
}

/** Also the `errors` of a fault. */
export const errors: Schema<ErrorsFile> = map<ErrorsFile>({
  def: 'errors',
  noun: 'an error rate',
  doc: 'A share of requests that fail.',
  shorthand: 'rate',
  examples: ['0.5%', { rate: '20%', status: 503, after: '1ms' }],
  fields: {
    rate: required(ratio(['0.5%']), 'Share of requests that fail.'),
    status: field(integer({ min: 400, max: 599, examples: [503] }), 500, 'HTTP status of the answer.'),
    after: field(orWord(duration({ examples: ['1ms'] }), 'work', null), 'work', 'The failure is answered after this long; `work` is after the own work.'),
  },
});

const call = map<CallFile>({
  def: 'call',
  noun: 'a call',
  doc: 'A call to another service.',
  shorthand: 'service',
  examples: ['stock', { service: 'price', times: 3 }],
  fields: {
    service: required(name('a service name', 'stock'), 'The service that is called.'),
    probability: field(ratio(['30%']), '100%', 'Chance that a request makes the call.'),
    optional: field(boolean(), false, 'Its failure does not fail the request.'),
    times: field(integer({ min: 1, max: 10_000, examples: [3] }), 1, 'Calls one after another.'),
    policy: policyRefField("The policy of this call; default: the called service's."),
  },
});

const parallel = map<{ parallel: readonly CallFile[] }>({
  noun: 'a parallel step',
  doc: 'Calls made at once; the step is over when all have settled.',
  fields: { parallel: required(list(call, { min: 1, max: 1000 }), 'Calls made at once.') },
});

const step: Schema<StepFile> = {
  noun: 'a call',
  examples: ['stock', { parallel: ['ads', 'reviews'] }],
  scope: { noun: 'a call', keys: ['parallel'], children: () => [call] },
  below: (key) => (key === 'parallel' ? parallel.below!(key) : call.below!(key)),
  shorthand: 'service',
  read: (at): Read<StepFile> => {
    if (at.node.kind === 'map' && at.node.entries.some(({ key }) => key === 'parallel')) {
      const { value, file } = parallel.read(at);
      return { value: { parallel: true, calls: value.parallel }, file };
    }
    const { value, file } = call.read(at);
    return { value: { parallel: false, calls: [value] }, file };
  },
  json: (defs) => ({ anyOf: [call.json(defs), parallel.json(defs)] }),
};

const noCpu = choice({ none: 'requests do not share processor time' }, { noun: 'a number of cores' });

const cpu: Schema<'none'> = {
  ...noCpu,
  read: (at) => {
    if (at.node.kind !== 'scalar' || typeof at.node.value !== 'number') return noCpu.read(at);
    at.report('not-supported-yet', 'shared cores are not supported yet', { hint: 'write `none`' });
    return { value: 'none', file: 'none' };
  },
};

const queue = map<ServiceFile['queue']>({
  def: 'queue',
  noun: 'a queue',
  doc: 'Waiting room of one endpoint; when it is full, 503 at once.',
  shorthand: 'limit',
  fields: {
    limit: field(orWord(integer({ min: 0, max: 1e9, examples: [128] }), 'unlimited', Infinity), 1024, 'Requests that may wait.'),
    discipline: field(choice({ fifo: 'first come, first served', lifo: 'last come, first served' }, { noun: 'a queue discipline', later: ['codel', 'adaptiveLifo'] }), 'fifo', 'Who is served next.'),
    timeout: part(distribution(['500ms']), 'Who waits longer leaves with 503, outcome `rejected`; a distribution.'),
  },
});

/** Also `cart/v2`, so that a subset is refused as what it is. */
const SPLIT_NAME = /^[A-Za-z][A-Za-z0-9_.-]*(?:\/[A-Za-z][A-Za-z0-9_.-]*)?$/;

const route = map<{ split: readonly Named<number>[] }>({
  noun: 'a route',
  doc: 'Sends the calls of this service elsewhere.',
  later: { match: 'routes by path, method, header or query', policy: 'policies of a route', fault: 'faults of a route', mirror: 'mirrored traffic' },
  fields: {
    split: required(
      record({ noun: 'a split', doc: 'Weight of each service.', key: SPLIT_NAME, keyHint: NAME_HINT, of: number({ integer: true, min: 0, max: 1e9, examples: [90] }), min: 1, max: 100, exampleKey: 'cart' }),
      'Weights of the services that share the calls, whole numbers.',
    ),
  },
  check: ({ split }, at) => {
    if (split.every(({ value }) => value === 0)) at.report('contradiction', 'all weights of the split are 0');
  },
});

export const service: Schema<ServiceFile> = map<ServiceFile>({
  def: 'service',
  noun: 'a service',
  doc: 'A group of equal endpoints.',
  later: { subsets: 'named parts of a service', inbound: 'policies of the called side', external: 'a process of yours in place of a service' },
  examples: [{ replicas: 3, concurrency: 16, latency: { p50: '8ms', p99: '60ms' } }],
  fields: {
    replicas: field(integer({ min: 1, max: 200_000, examples: [5] }), 1, 'Endpoints, named NAME/0, NAME/1, ...'),
    concurrency: field(orWord(integer({ min: 1, max: 1e9, examples: [16] }), 'unlimited', Infinity), 64, 'Requests that one endpoint works on at once, those waiting for their own calls included.'),
    queue: field(queue, {}, 'Waiting room of one endpoint.'),
    cpu: field(cpu, 'none', 'Cores of one endpoint; only `none` yet.'),
    latency: required(distribution([{ p50: '8ms', p99: '60ms' }]), 'Own work per request, a distribution.'),
    errors: part(errors, 'Own failures.'),
    onCancel: field(choice({ continue: 'the work goes on and is burnt', dropQueued: 'a request still in the queue leaves it', stop: 'the work stops as well' }, { noun: 'a reaction to cancelled requests' }), 'continue', 'What happens when the caller has given up.'),
    calls: field(list(step, { noun: 'a list of calls', max: 1000, single: true }), [], 'Calls made after the own work, in this order. A failing call fails the request with 502 unless it is optional.'),
    weights: optional(list(number({ min: 1e-6, max: 1e6, examples: [1] }), { noun: 'a list of weights', min: 1, max: 200_000 }), 'Weight of each endpoint for the balancer, as many as there are replicas; default: 1 each.'),
    zones: optional(list(name('a zone name', 'eu-a'), { noun: 'a list of zones', min: 1, max: 1000, single: true }), 'Endpoints are spread over these in turn; default: all zones.'),
    startup: field(duration({ examples: ['5s'] }), 0, 'Time from a restart to ready.'),
    routes: field(list(route, { noun: 'a list of routes', max: 1000 }), [], 'Where calls to this service go instead; the first route takes all of them.'),
    policy: policyRefField('How callers call this service; default: the policy named `default` where there is one, else `none`.'),
  },
});


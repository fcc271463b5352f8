/** Section 7: who asks what, and when. */
import type { ArrivalPlan, DistributionPlan, KeyPlan } from '../model/plan.ts';
import { distribution } from './distribution.ts';
import { type PolicyRef, policyRefField } from './policy-schema.ts';
import { boolean, choice, duration, integer, name, number, rate, text } from './scalar.ts';
import { derived, field, foundOf, list, map, type Named, optional, part, record, required, type Schema } from './schema.ts';
import { didYouMean } from './suggest.ts';

export interface TrafficFile {
  readonly to: string;
  readonly name: string;
  readonly clients: number;
  readonly zones: readonly string[] | null;
  readonly rate: number | null;
  readonly arrivals: ArrivalPlan;
  readonly profile: readonly ProfilePoint[] | null;
  readonly users: number | null;
  readonly thinkTime: DistributionPlan | null;
  readonly arrivalsFile: string | null;
  readonly requests: readonly RequestFile[];
  readonly policy: PolicyRef | null;
}

export interface ProfilePoint {
  readonly at: number;
  readonly rate: number;
  readonly step: boolean;
}

export interface RequestFile {
  readonly name: string | null;
  readonly weight: number;
  readonly method: string;
  readonly path: string;
  readonly headers: readonly Named<string>[];
  readonly body: string;
  readonly key: KeyPlan | null;
}

const gamma = map<{ gamma: { cv: number } }>({
  noun: 'an arrival process',
  doc: 'Gamma distributed times between arrivals.',
  later: { mmpp: 'rates that switch at random' },
  fields: {
    gamma: required(map<{ cv: number }>({ noun: 'gamma arrivals', doc: 'Burstiness.', fields: { cv: required(number({ min: 0.01, max: 100, examples: [2] }), 'Coefficient of variation of the time between arrivals; 1 is poisson.') } }), 'Burstiness.'),
  },
});
const arrivalWord = choice({ poisson: 'arrivals know nothing of each other', uniform: 'equal distances' }, { noun: 'an arrival process', later: ['mmpp'] });

const arrivals: Schema<ArrivalPlan> = {
  noun: 'an arrival process',
  examples: ['poisson', { gamma: { cv: 2 } }],
  scope: { noun: 'an arrival process', keys: ['gamma'], children: () => [] },
  below: (step) => gamma.below!(step),
  read: (at) => {
    if (at.node.kind === 'map') {
      const { value, file } = gamma.read(at);
      return { value: { kind: 'gamma', cv: value.gamma.cv }, file };
    }
    const { value, file } = arrivalWord.read(at);
    return { value: { kind: value }, file };
  },
  json: (defs) => ({ anyOf: [arrivalWord.json(defs), gamma.json(defs)] }),
};

const keys = integer({ min: 1, max: 2 ** 31, examples: [10_000] });
const zipf = map<{ keys: number; s: number }>({
  noun: 'a zipf law',
  doc: 'Some keys are asked for far more than others: key k with weight 1 / k^s.',
  fields: { keys: required(keys, 'How many keys there are.'), s: field(number({ min: 0, max: 20, examples: [1.1] }), 1, 'Exponent.') },
});
const uniform = map<{ keys: number }>({ noun: 'a uniform law', doc: 'All keys alike.', shorthand: 'keys', fields: { keys: required(keys, 'How many keys there are.') } });
const template = text({ noun: 'a key template', loose: true, examples: ['{{string.uuid}}'] });

const key: Schema<KeyPlan> = {
  noun: 'a key',
  examples: [{ zipf: { keys: 10_000, s: 1.1 } }, { uniform: { keys: 100 } }, 'user-{{string.uuid}}'],
  scope: { noun: 'a key', keys: ['zipf', 'uniform'], children: () => [zipf, uniform] },
  below: (step) => (step === 'zipf' ? zipf : step === 'uniform' ? uniform : null),
  read: (at) => {
    if (at.node.kind !== 'map') {
      const { value, file } = template.read(at);
      return { value: { kind: 'template', text: value }, file };
    }
    const [entry, ...others] = at.node.entries;
    if (entry?.key === 'zipf' && others.length === 0) {
      const { value, file } = zipf.read(at.below('zipf', entry.value));
      return { value: { kind: 'zipf', ...value }, file: { zipf: file } };
    }
    if (entry?.key === 'uniform' && others.length === 0) {
      const { value, file } = uniform.read(at.below('uniform', entry.value));
      return { value: { kind: 'uniform', ...value }, file: { uniform: file } };
    }
    const strange = at.node.entries.find((candidate) => candidate.key !== 'zipf' && candidate.key !== 'uniform');
    if (strange !== undefined) at.report('unknown-key', `\`${strange.key.slice(0, 60)}\` is not a field of a key`, { key: strange.key, span: strange.keySpan, hint: didYouMean(strange.key, ['zipf', 'uniform']), allowed: ['zipf', 'uniform'] });
    else at.report('contradiction', `a key is one of zipf, uniform or a template, found ${foundOf(at.node)}`, { allowed: ['zipf', 'uniform'] });
    return { value: { kind: 'template', text: '' }, file: null };
  },
  json: (defs) => ({
    anyOf: [
      { type: 'object', description: 'Keys by a zipf law.', properties: { zipf: zipf.json(defs) }, required: ['zipf'], additionalProperties: false },
      { type: 'object', description: 'Keys drawn alike.', properties: { uniform: uniform.json(defs) }, required: ['uniform'], additionalProperties: false },
      { ...template.json(defs), description: 'A template, rendered for each request.' },
    ],
  }),
};

export const HEADER: RegExp = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

const request = map<RequestFile>({
  def: 'request',
  noun: 'a request class',
  doc: 'A kind of request; path, headers, body and key may hold faker templates such as {{internet.username}}, drawn from the seed.',
  examples: [{ name: 'buy', weight: 1, method: 'POST', path: '/orders/{{string.uuid}}' }],
  fields: {
    name: optional(name('a class name', 'buy'), 'Its name in results and thresholds; default: `default` for a single class, else `class-1`, `class-2`, ...'),
    weight: field(number({ min: 0, max: 1e9, examples: [9] }), 1, 'How often, relative to the other classes.'),
    method: field(text({ noun: 'a method', pattern: /^[A-Za-z]+$/, hint: 'such as GET', examples: ['POST'], standIn: 'GET' }), 'GET', 'HTTP method.'),
    path: field(text({ noun: 'a path', examples: ['/products'], loose: true }), '/', 'Path and query.'),
    headers: field(record({ noun: 'headers', doc: 'HTTP headers.', key: HEADER, keyHint: 'an HTTP header name', of: text({ noun: 'a header value', loose: true, examples: ['{{internet.username}}'] }), exampleKey: 'x-user' }), {}, 'HTTP headers.'),
    body: field(text({ noun: 'a body', loose: true, examples: ['{"sku":"{{string.alphanumeric}}"}'] }), '', 'Body of the request.'),
    key: part(key, 'What consistent-hash balancers hash; `none` is the path.'),
  },
});

const profilePoint = map<ProfilePoint>({
  noun: 'a profile point',
  doc: 'A rate at a time.',
  fields: {
    at: required(duration({ examples: ['20s'] }), 'When, from the start.'),
    rate: required(rate(), 'Requests per second at that time, all clients together.'),
    step: field(boolean(), false, 'The rate jumps to this value; otherwise it changes linearly from the point before.'),
  },
});

export const traffic: Schema<TrafficFile> = map<TrafficFile>({
  def: 'traffic',
  noun: 'a traffic source',
  doc: 'Requests from outside: an open loop (`rate`, `profile`), a closed loop (`users`) or a recording (`arrivalsFile`). Latency counts from the intended arrival.',
  examples: [{ to: 'web', rate: '400/s' }, { to: 'web', users: 50, thinkTime: { exponential: '1s' } }],
  fields: {
    to: required(name('a service name', 'web'), 'The service that is asked.'),
    name: derived(name('a traffic name', 'browse'), (before) => before.get('to') ?? 'traffic', 'the same as `to`', 'The caller in edges and results.'),
    clients: field(integer({ min: 1, max: 1_000_000, examples: [4] }), 1, 'Independent caller endpoints, each with its own policy state.'),
    zones: optional(list(name('a zone name', 'eu-a'), { noun: 'a list of zones', min: 1, max: 1000, single: true }), 'Clients are spread over these in turn; default: all zones.'),
    rate: optional(rate(), 'Open loop: requests per second, all clients together.'),
    arrivals: field(arrivals, 'poisson', 'How arrivals of an open loop follow each other.'),
    profile: optional(list(profilePoint, { noun: 'a list of profile points', min: 1, max: 100_000 }), 'Open loop: the rate over time, linear between points, constant before the first and after the last.'),
    users: optional(integer({ min: 1, max: 10_000_000, examples: [50] }), 'Closed loop: users who ask, wait for the answer, think, and ask again.'),
    thinkTime: optional(distribution([{ exponential: '1s' }]), 'Closed loop: time between an answer and the next request, a distribution; default: 0.'),
    arrivalsFile: optional(text({ noun: 'a file name', examples: ['arrivals.csv'] }), 'Recorded arrivals: offsets from the start in ms, one a line, optionally with the name of a request class in a second column. The path is relative to the scenario.'),
    requests: field(list(request, { noun: 'a list of request classes', min: 1, max: 10_000 }), [{}], 'Weighted request classes.'),
    policy: policyRefField('The policy of these clients; default: that of the service they ask.'),
  },
});

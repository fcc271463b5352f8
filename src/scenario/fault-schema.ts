/** Section 9: faults. */
import type { DistributionPlan, EffectPlan, PickPlan } from '../model/plan.ts';
import { distribution } from './distribution.ts';
import { duration, integer, name, number, ratio, text, boolean } from './scalar.ts';
import { field, map, optional, type Read, required, type Schema } from './schema.ts';
import { errors, type ErrorsFile } from './service-schema.ts';

export interface FaultFile {
  readonly name: string | null;
  readonly at: number;
  readonly for: number | null;
  readonly repeat: { readonly every: number; readonly times: number } | null;
  readonly target: string;
  readonly pick: PickPlan | null;
  readonly latency: LatencyEffect | null;
  readonly errors: ErrorsFile | null;
  readonly crash: boolean | null;
  readonly pause: boolean | null;
  readonly hang: boolean | null;
  readonly reset: number | null;
  readonly capacity: number | null;
  readonly firstCalls: number | null;
  readonly loss: number | null;
  readonly partition: boolean | null;
}

type LatencyEffect = Extract<EffectPlan, { kind: 'latency' }>;

interface LatencyFile {
  readonly add: DistributionPlan | null;
  readonly multiply: number | null;
  readonly set: DistributionPlan | null;
}

const latencyMap = map<LatencyFile>({
  noun: 'a latency effect',
  doc: 'One of add, multiply, set.',
  examples: [{ multiply: 10 }, { add: '200ms' }],
  fields: {
    add: optional(distribution(['200ms']), 'Added to the latency, a distribution.'),
    multiply: optional(number({ min: 0.000001, max: 1e6, examples: [10] }), 'The latency times this.'),
    set: optional(distribution(['1s']), 'In place of the latency, a distribution.'),
  },
  check: ({ add, multiply, set }, at) => {
    const given = [add, multiply, set].filter((effect) => effect !== null).length;
    if (given !== 1) at.report(given === 0 ? 'missing-key' : 'contradiction', 'a latency effect is exactly one of add, multiply, set', { allowed: ['add', 'multiply', 'set'] });
  },
});

const latency: Schema<LatencyEffect> = {
  ...(latencyMap as Schema<unknown> as Schema<LatencyEffect>),
  get examples() {
    return latencyMap.examples;
  },
  read: (at): Read<LatencyEffect> => {
    const { value, file } = latencyMap.read(at);
    if (value.multiply !== null) return { value: { kind: 'latency', mode: 'multiply', factor: value.multiply }, file };
    const shape = value.set ?? value.add;
    if (shape === null) return { value: { kind: 'latency', mode: 'multiply', factor: 1 }, file };
    return { value: { kind: 'latency', mode: value.set === null ? 'add' : 'set', distribution: shape }, file };
  },
};

const pickCount = integer({ min: 1, max: 200_000, examples: [2] });
const pickShare = ratio(['30%']);

const pick: Schema<PickPlan> = {
  noun: 'a count or a share',
  examples: [2, '30%'],
  read: (at) => {
    const whole = at.node.kind === 'scalar' && typeof at.node.value === 'number' && Number.isInteger(at.node.value);
    if (whole) {
      const { value, file } = pickCount.read(at);
      return { value: { count: value }, file };
    }
    const { value, file } = pickShare.read(at);
    return { value: { share: value }, file };
  },
  json: (defs) => ({ anyOf: [pickCount.json(defs), pickShare.json(defs)] }),
};

export const fault: Schema<FaultFile> = map<FaultFile>({
  def: 'fault',
  noun: 'a fault',
  doc: 'Something that goes wrong for a while. Overlapping faults compose: latencies add after multiplying, error rates combine as independent, crash wins over all.',
  later: { staleDiscovery: 'late endpoint lists', expiredCertificate: 'failing handshakes', dropProbes: 'lost health checks' },
  examples: [{ name: 'slow-middle', at: '15s', for: '15s', target: 'cart/4', latency: { multiply: 10 } }],
  fields: {
    name: optional(name('a fault name', 'slow-middle'), 'Its name in results and in the `phase` of thresholds; default: `fault-1`, `fault-2`, ... by position.'),
    at: field(duration({ examples: ['15s'] }), 0, 'When it starts.'),
    for: optional(duration({ min: 1, examples: ['15s'] }), 'How long it is on; default: to the end.'),
    repeat: optional(
      map<{ every: number; times: number }>({
        noun: 'a repetition',
        doc: 'On and off again.',
        fields: { every: required(duration({ min: 1, examples: ['10s'] }), 'From one start to the next.'), times: required(integer({ min: 1, max: 10_000, examples: [3] }), 'How often, the first time included.') },
      }),
      'On and off again; needs `for`.',
    ),
    target: required(text({ noun: 'a target', examples: ['cart/4'] }), '`cart` (all endpoints), `cart/4` (one), `cart@eu-a` (those in a zone), `zone:eu-a` (a whole zone), `web->cart` (the network between).'),
    pick: optional(pick, 'So many of the endpoints, or such a share, chosen by seed.'),
    latency: optional(latency, 'Work takes longer; on an edge: the network does.'),
    errors: optional(errors, 'A share of requests fails.'),
    crash: optional(boolean(), 'Connections are refused and work in flight is reset; back after `for` and `startup`, empty.'),
    pause: optional(boolean(), 'Nothing proceeds, connections stay; resumes with its queue.'),
    hang: optional(boolean(), 'Accepts requests and never answers.'),
    reset: optional(ratio(['5%']), 'Share of requests whose connection is reset.'),
    capacity: optional(ratio(['50%']), 'Share of `concurrency` that is left.'),
    firstCalls: optional(integer({ min: 1, max: 2 ** 31, examples: [3] }), 'The first so many calls fail.'),
    loss: optional(ratio(['1%']), 'Share of messages lost on the edge.'),
    partition: optional(boolean(), 'Nothing gets through on the edge.'),
  },
});


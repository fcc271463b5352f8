/** From the faults of a file to those of a plan: when they are on, what they hit, and whether that can have such effects. */
import type { EndpointId } from '../model/ids.ts';
import type { EffectPlan, FaultPlan, FaultTargetPlan } from '../model/plan.ts';
import type { FaultFile } from './fault-schema.ts';
import { edgesByName, resolveTarget, serviceOf, type World } from './fault-target.ts';
import type { Locator } from './locate.ts';
import type { Path } from './path.ts';
import type { ProblemDetails, ProblemList } from './problem-list.ts';
import { errorPlan } from './service-schema.ts';
import { formatDuration } from './units.ts';

const WINDOWS_MAX = 100_000;

export class FaultResolver {
  private readonly world: World;
  private readonly locator: Locator;
  private readonly problems: ProblemList;
  private readonly targets = new Map<string, ReturnType<typeof resolveTarget>>();
  private windowCount = 0;

  constructor(world: Omit<World, 'edgesByName'>, locator: Locator, problems: ProblemList) {
    this.world = { ...world, edgesByName: edgesByName(world.edges) };
    this.locator = locator;
    this.problems = problems;
  }

  plan(fault: FaultFile, name: string, path: Path): FaultPlan {
    return { name, windows: this.windows(fault, path), target: this.target(fault, path), effects: effectsOf(fault) };
  }

  private windows(fault: FaultFile, path: Path): FaultPlan['windows'] {
    const { at, for: lasting, repeat } = fault;
    if (repeat === null) return [{ fromNs: at, toNs: lasting === null ? Infinity : at + lasting }];
    if (lasting === null) {
      this.problems.add('missing-key', [...path, 'for'], this.locator.key([...path, 'repeat']), 'a fault that repeats needs `for`', { hint: 'add `for: 5s`' });
      return [];
    }
    if (lasting > repeat.every) {
      this.problems.add('contradiction', [...path, 'for'], this.locator.value([...path, 'for']), `it is on for ${formatDuration(lasting)} and starts again after ${formatDuration(repeat.every)}`, { hint: 'make `for` shorter than `every`', second: { span: this.locator.value([...path, 'repeat', 'every']), label: 'the repetition' } });
      return [];
    }
    if (lasting === repeat.every) return [{ fromNs: at, toNs: at + lasting * repeat.times }];
    this.windowCount += repeat.times;
    if (this.windowCount > WINDOWS_MAX) {
      this.problems.add('too-large', [...path, 'repeat'], this.locator.key([...path, 'repeat']), `all faults together are switched on more than ${WINDOWS_MAX} times`);
      return [];
    }
    return Array.from({ length: repeat.times }, (_, i) => ({ fromNs: at + i * repeat.every, toNs: at + i * repeat.every + lasting }));
  }

  private target(fault: FaultFile, path: Path): FaultTargetPlan {
    const targetPath = [...path, 'target'];
    const nothing: FaultTargetPlan = { kind: 'endpoints', endpoints: [], pick: null };
    if (!this.problems.isSound(targetPath)) return nothing;
    const target = this.targets.get(fault.target) ?? resolveTarget(fault.target, this.world);
    // Faults of one target share its list: many of them on a large service would not fit otherwise.
    this.targets.set(fault.target, target);
    // Of a service whose `replicas` cannot be read nobody knows which endpoints there are.
    const isCounted = this.problems.isSound(['services', serviceOf(fault.target), 'replicas']);
    if ('code' in target) {
      if (isCounted) this.problems.add(target.code, targetPath, this.locator.value(targetPath), target.message, target);
      return nothing;
    }
    this.checkEffects(fault, path, target.kind);
    if (target.kind === 'edges') {
      if (fault.pick !== null) this.problems.add('wrong-effect', [...path, 'pick'], this.locator.key([...path, 'pick']), '`pick` chooses among endpoints, and the target is an edge', { hint: 'take it out' });
      return target;
    }
    if (isCounted && fault.pick !== null && 'count' in fault.pick && fault.pick.count > target.endpoints.length) {
      this.problems.add('out-of-range', [...path, 'pick'], this.locator.value([...path, 'pick']), `\`${fault.target}\` has only ${target.endpoints.length} endpoint${target.endpoints.length === 1 ? '' : 's'}`, { hint: `at most ${target.endpoints.length}` });
    }
    if (fault.capacity !== null) this.checkCapacity(fault.capacity, [...path, 'capacity'], target.endpoints);
    return { ...target, pick: fault.pick };
  }

  private checkCapacity(share: number, path: Path, endpoints: readonly EndpointId[]): void {
    if (!this.problems.isSound(path)) return;
    for (const { concurrency, firstEndpoint, name, replicas } of this.world.services) {
      const isHit = endpoints.some((endpoint) => endpoint >= firstEndpoint && endpoint < firstEndpoint + replicas);
      const slots: Path = ['services', name, 'concurrency'];
      if (!isHit || !this.problems.isSound(slots)) continue;
      const second = (label: string): NonNullable<ProblemDetails['second']> | null => (this.locator.has(slots) ? { span: this.locator.value(slots), label } : null);
      if (concurrency === Infinity) {
        this.problems.add('contradiction', path, this.locator.value(path), `\`${name}\` has unlimited concurrency, of which there is no share`, { hint: 'give the service a `concurrency`', second: second('unlimited') });
      } else if (share * concurrency < 1) {
        this.problems.add('out-of-range', path, this.locator.value(path), `${Number((share * 100).toPrecision(6))}% of the ${concurrency} slots of \`${name}\` is less than one slot`, { hint: 'use `hang` or `pause` to stop an endpoint', second: second('the slots') });
      }
    }
  }

  private checkEffects(fault: FaultFile, path: Path, kind: 'endpoints' | 'edges'): void {
    const allowed: readonly EffectName[] = kind === 'edges' ? EDGE_EFFECTS : ENDPOINT_EFFECTS;
    const given = ALL_EFFECTS.filter((effect) => fault[effect] !== null && fault[effect] !== false);
    for (const effect of given) {
      if (allowed.includes(effect)) continue;
      this.problems.add('wrong-effect', [...path, effect], this.locator.key([...path, effect]), `${kind === 'edges' ? 'an edge' : 'an endpoint'} cannot have \`${effect}\``, {
        hint: kind === 'edges' ? 'target the endpoints, such as `cart` or `cart/4`' : 'target the edge, such as `web->cart`',
        allowed,
        second: { span: this.locator.value([...path, 'target']), label: `the target is ${kind === 'edges' ? 'an edge' : 'endpoints'}` },
      });
    }
    if (given.length === 0 && this.problems.isSound(path)) this.problems.add('missing-key', path, this.locator.key(path), 'this fault has no effect', { hint: 'add one, such as `errors: 20%`', allowed });
  }
}

const EDGE_EFFECTS = ['latency', 'loss', 'partition', 'reset'] as const satisfies readonly (keyof FaultFile)[];
const ENDPOINT_EFFECTS = ['latency', 'errors', 'crash', 'pause', 'hang', 'reset', 'capacity', 'firstCalls'] as const satisfies readonly (keyof FaultFile)[];
type EffectName = (typeof EDGE_EFFECTS)[number] | (typeof ENDPOINT_EFFECTS)[number];
const ALL_EFFECTS: readonly EffectName[] = ['latency', 'errors', 'crash', 'pause', 'hang', 'reset', 'capacity', 'firstCalls', 'loss', 'partition'];

function effectsOf(fault: FaultFile): EffectPlan[] {
  return [
    ...(fault.latency === null ? [] : [fault.latency]),
    ...(fault.errors === null ? [] : [{ kind: 'errors', errors: errorPlan(fault.errors)! } as const]),
    ...(['crash', 'pause', 'hang'] as const).flatMap((kind) => (fault[kind] ? [{ kind }] : [])),
    ...(['reset', 'capacity'] as const).flatMap((kind) => (fault[kind] === null ? [] : [{ kind, share: fault[kind] }])),
    ...(fault.firstCalls === null ? [] : [{ kind: 'firstCalls', count: fault.firstCalls } as const]),
    ...(fault.loss === null ? [] : [{ kind: 'loss', share: fault.loss } as const]),
    ...(fault.partition ? [{ kind: 'partition' } as const] : []),
  ];
}

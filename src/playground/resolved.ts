/** A resolved scenario, read loosely: what the controls need of it, in the units that they show. */
import type { Override } from '../scenario/override.ts';
import { formatPath } from '../scenario/path.ts';
import { formatRate, parseDuration, parsePercent, parseRate } from '../scenario/units.ts';
import { NS_PER_MS } from '../model/units.ts';

type Tree = Readonly<Record<string, unknown>>;

export interface Source {
  readonly name: string;
  /** Its load times the factor, in words. */
  said(factor: number): string;
  scaled(factor: number): Override[];
}

export interface Fault {
  readonly name: string;
  /** Null where it fails nobody, or the latency is not multiplied. */
  readonly errorRate: number | null;
  readonly multiplier: number | null;
  /** As the file would have it, with these values. */
  written(errorRate: unknown, multiplier: unknown): object;
}

export class Resolved {
  private readonly tree: Tree;

  constructor(resolved: unknown) {
    this.tree = treeOf(resolved);
  }

  services(): { readonly name: string; readonly replicas: number }[] {
    return Object.entries(treeOf(this.tree['services'])).map(([name, service]) => ({ name, replicas: Number(treeOf(service)['replicas']) }));
  }

  sources(): Source[] {
    return listOf(this.tree['traffic']).map((source, i) => sourceOf(treeOf(source), i));
  }

  /** Those that something uses; `default` where the file has none. */
  policies(): string[] {
    const used = new Set(this.users().map(({ policy }) => policy));
    const names = Object.keys(treeOf(this.tree['policies']));
    return names.length === 0 ? ['default'] : names.filter((name) => name === 'default' || used.has(name));
  }

  usersOf(policy: string): string {
    const users = [...new Set(this.users().filter((user) => user.policy === policy).map(({ who }) => who))];
    const rest = users.length - USERS_TOLD;
    return users.length === 0 ? 'Of all calls.' : `Of ${users.slice(0, USERS_TOLD).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`;
  }

  policy(name: string): PolicyReader {
    return new PolicyReader(treeOf(treeOf(this.tree['policies'])[name]));
  }

  /** @param parts  path below the policy to value */
  policyOverrides(name: string, parts: Readonly<Record<string, string>>): Override[] {
    const entries = Object.entries(parts);
    // A file without policies has no place for one yet.
    if (entries.length > 0 && !Object.hasOwn(treeOf(this.tree['policies']), name)) {
      return [{ path: 'policies', value: `{ ${name}: { ${entries.map(([key, value]) => `${key}: ${value}`).join(', ')} } }` }];
    }
    return entries.map(([key, value]) => ({ path: `${formatPath(['policies', name])}.${key}`, value }));
  }

  faults(): Fault[] {
    return listOf(this.tree['faults']).map((fault) => faultOf(treeOf(fault)));
  }

  private users(): { readonly who: string; readonly policy: string }[] {
    const services = Object.entries(treeOf(this.tree['services']));
    const ofServices = services.map(([name, service]) => ({ who: `calls to ${name}`, policy: treeOf(service)['policy'] }));
    const ofCalls = services.flatMap(([name, service]) => callsIn(treeOf(service)['calls']).map((call) => ({ who: `${name} to ${String(call['service'])}`, policy: call['policy'] })));
    const ofTraffic = listOf(this.tree['traffic']).map((source) => ({ who: `requests of ${String(treeOf(source)['name'])}`, policy: treeOf(source)['policy'] }));
    return [...ofServices, ...ofCalls, ...ofTraffic].flatMap(({ policy, who }) => (typeof policy === 'string' ? [{ who, policy }] : []));
  }
}

const USERS_TOLD = 4;

class PolicyReader {
  private readonly tree: Tree;

  constructor(tree: Tree) {
    this.tree = tree;
  }

  /** Whether that part is on. */
  has(path: string): boolean {
    const value = this.at(path);
    return value !== undefined && value !== 'none' && value !== null;
  }

  text(path: string): string | null {
    const value = this.at(path);
    return typeof value === 'string' ? value : null;
  }

  number(path: string): number | null {
    const value = this.at(path);
    return typeof value === 'number' ? value : null;
  }

  share(path: string): number | null {
    const text = this.text(path);
    return text === null ? this.number(path) : parsePercent(text);
  }

  /** Null for `none` and where there is nothing. */
  milliseconds(path: string): number | null {
    const ns = parseDuration(this.text(path) ?? '');
    return ns === null ? null : ns / NS_PER_MS;
  }

  private at(path: string): unknown {
    return path.split('.').reduce<unknown>((value, key) => treeOf(value)[key], this.tree);
  }
}

function sourceOf(source: Tree, i: number): Source {
  const name = String(source['name']);
  const profile = listOf(source['profile']);
  if (profile.length > 0) {
    const rates = profile.map((point) => rateOf(treeOf(point)['rate']));
    return {
      name,
      said: (factor) => `${times(factor)} of its profile`,
      scaled: (factor) => rates.map((rate, point) => ({ path: `traffic[${i}].profile[${point}].rate`, value: formatRate(rounded(rate * factor)) })),
    };
  }
  if (typeof source['users'] === 'number') {
    const users = (factor: number): number => Math.max(1, Math.round(Number(source['users']) * factor));
    return { name, said: (factor) => `${users(factor)} users`, scaled: (factor) => [{ path: `traffic[${i}].users`, value: String(users(factor)) }] };
  }
  const scaled = (factor: number): string => formatRate(rounded(rateOf(source['rate']) * factor));
  return { name, said: scaled, scaled: (factor) => [{ path: `traffic[${i}].rate`, value: scaled(factor) }] };
}

function faultOf(fault: Tree): Fault {
  const { errors, latency } = fault;
  const rate = typeof errors === 'string' ? errors : treeOf(errors)['rate'];
  const multiply = treeOf(latency)['multiply'];
  return {
    name: String(fault['name'] ?? fault['target']),
    errorRate: typeof rate === 'string' ? parsePercent(rate) : null,
    multiplier: typeof multiply === 'number' ? multiply : null,
    written: (errorRate, multiplier) => ({
      ...fault,
      ...(typeof errorRate === 'number' ? { errors: { ...treeOf(errors), rate: errorRate } } : {}),
      ...(typeof multiplier === 'number' ? { latency: { multiply: multiplier } } : {}),
    }),
  };
}

function callsIn(value: unknown): Tree[] {
  return listOf(value).flatMap((call) => (Array.isArray(treeOf(call)['parallel']) ? callsIn(treeOf(call)['parallel']) : [treeOf(call)]));
}

function rateOf(value: unknown): number {
  return parseRate(String(value)) ?? 0;
}

/** To three digits, as one would write it. */
function rounded(rate: number): number {
  return Number(rate.toPrecision(3));
}

function times(factor: number): string {
  return `${Math.round(factor * 100)} %`;
}

function treeOf(value: unknown): Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Tree) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A counter-example in words: what there is, who calls whom and how, what goes wrong when. */
import { counted, grouped } from '../model/grouped.ts';
import type { ThresholdResult } from '../result/result.ts';
import type { ScenarioDocument } from '../scenario/document.ts';
import { inline, type Json, type JsonObject } from '../scenario/schema.ts';
import type { Failure } from './failure.ts';
import { isMap, stepsOf } from './simplify/mesh.ts';

/**
 * Lines without indentation; the first counts, the last says what happened.
 * @param requests  null where the run did not come to its end
 */
export function storyOf(document: ScenarioDocument, failure: Failure, requests: number | null): readonly string[] {
  const edges = edgesOf(document);
  const faults = document.faults ?? [];
  const counts = [counted(Object.keys(document.services).length, 'service'), counted(edges.length, 'edge'), counted(faults.length, 'fault'), requests === null ? document.duration : `${counted(requests, 'request')} in ${document.duration}`];
  const width = Math.max(...edges.map(({ name }) => name.length), faults.length > 0 ? 'fault'.length : 0);
  return [
    counts.join(', '),
    ...edges.map(({ name, policy }) => `${name.padEnd(width)}   ${policy}`),
    ...faults.map((fault) => `${'fault'.padEnd(width)}   ${faultWords(fault)}`),
    failure.message,
  ];
}

export function headlineOf({ kind, name }: Failure): string {
  switch (kind) {
    case 'invariant': return `invariant broken: ${name}`;
    case 'threshold': return `threshold broken: ${name}`;
    case 'property': return `property broken: ${name}`;
    case 'policy': return `policy failed: ${name}`;
    default: return kind satisfies never;
  }
}

interface EdgeWords {
  readonly name: string;
  readonly policy: string;
}

function edgesOf(document: ScenarioDocument): readonly EdgeWords[] {
  const words = new Map<string, EdgeWords>();
  const add = (from: string, to: string, own: Json | undefined): void => {
    const policy = policyWords(own ?? document.services[to]?.['policy'] ?? 'default', document);
    words.set(`${from} ${to} ${policy}`, { name: `${from} → ${to}`, policy });
  };
  for (const source of document.traffic) add(String(source['name'] ?? source['to']), String(source['to']), source['policy']);
  for (const [from, service] of Object.entries(document.services)) {
    for (const { calls } of stepsOf(service)) for (const call of calls) add(from, String(call['service']), call['policy']);
  }
  return [...words.values()];
}

function policyWords(policy: Json, { policies = {} }: ScenarioDocument): string {
  const named = typeof policy === 'string' ? policies[policy] : policy;
  return isMap(named) && Object.keys(named).length > 0 ? inlineEntries(named) : 'no policy';
}

const NOT_EFFECTS = ['name', 'at', 'for', 'repeat', 'target'];

function faultWords(fault: JsonObject): string {
  const { at = '0s', for: lasting, repeat, target } = fault;
  const effects = Object.entries(fault).filter(([key]) => !NOT_EFFECTS.includes(key)).map(([key, value]) => (value === true ? key : `${key} ${inline(value)}`));
  const flaps = isMap(repeat) ? `, every ${inline(repeat['every']!)} ${inline(repeat['times']!)} times` : '';
  return `${String(target)}: ${effects.join(', ')} from ${String(at)}${lasting === undefined ? ' on' : ` for ${String(lasting)}`}${flaps}`;
}

function inlineEntries(map: JsonObject): string {
  return Object.entries(map).map(([key, value]) => `${key}: ${inline(value)}`).join(', ');
}

/** `latency p(99) < 250ms: it is 312 ms`. */
export function thresholdWords({ expr, judged, unit, value }: ThresholdResult): string {
  if (value === null) return `${expr}: ${judged === 'fail' ? 'it never comes' : judged}`;
  const digits = (amount: number): string => (amount >= 1000 ? grouped(Math.round(amount)) : String(Number(amount.toPrecision(3))));
  const inUnits: Readonly<Record<ThresholdResult['unit'], () => string>> = { ms: () => `${digits(value)} ms`, ratio: () => (expr.includes('%') ? `${digits(value * 100)} %` : digits(value)), perSecond: () => `${digits(value)}/s`, count: () => digits(value) };
  return `${expr}: it is ${inUnits[unit]()}`;
}

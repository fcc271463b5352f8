/** Formulas of policies that decide by counts: Envoy's admission control, and its load over priorities. */
import { admissionKinds } from '../../src/engine/admission/admission-kinds.ts';
import { EnvoyAdmissionControl, type EnvoyAdmissionOptions } from '../../src/engine/admission/envoy-admission-control.ts';
import { PriorityLoad } from '../../src/engine/locality/priority-load.ts';
import { Outcome } from '../../src/model/outcome.ts';
import { Stream } from '../../src/random/hash.ts';
import { Sequence } from '../../src/random/sequence.ts';
import { defaultsOf } from '../support/defaults.ts';
import type { Answers } from './direct.ts';
import type { CaseScenario, Expected } from './reference.ts';

/** After so many answers. */
export function admission(scenario: CaseScenario, seed: number): Answers {
  const [total, success, srThreshold, aggression] = ['total', 'success', 'threshold', 'aggression'].map((name) => Number(scenario[name])) as [number, number, number, number];
  const own = { srThreshold, aggression, maxRejectionProbability: 1 };
  const gate = new EnvoyAdmissionControl({ ...defaultsOf(admissionKinds.envoyAdmissionControl.options), ...own } as unknown as EnvoyAdmissionOptions, new Sequence(new Stream(seed, 'pick'), 0));
  for (let i = 0; i < total; i++) gate.settled(i < success ? Outcome.ok : Outcome.error, i < success ? 200 : 500, 0, 0);
  return { reject_probability: { value: gate.probability(), n: total } };
}

/** A table of published rows: each says how healthy the priorities are, and which traffic they get. */
export function spillover(scenario: CaseScenario, expected: readonly Expected[]): Answers {
  const rows = expected.find(({ metric }) => metric === 'rows')!.value as readonly { readonly healthy_percent: readonly number[] }[];
  const answers = rows.map(({ healthy_percent }) => {
    const load = new PriorityLoad(healthy_percent.map(() => Number(scenario['overprovisioning']) * 100), Number(scenario['panic_threshold_percent']));
    for (const [priority, healthy] of healthy_percent.entries()) load.setHosts(priority, { hosts: 100, excluded: 0, healthy, degraded: 0 });
    load.rebalance();
    return { healthy_percent, traffic_percent: Array.from(load.healthy) };
  });
  return { rows: { value: answers, n: rows.length } };
}

/** Every figure of scenarios without chance is that of a second simulator (`plain/model.ts`). `MESHSIM_RUNS=5000` for more of them. */
import { expect, test } from 'vitest';
import type { Metrics, Result } from '../../src/result/result.ts';
import { simulate } from '../../src/run/run.ts';
import { lehmer } from '../support/lehmer.ts';
import { planFrom } from '../support/plan-from.ts';
import { type CallFigures, modelled, type PlainFigures } from './plain/model.ts';
import { documentOf, type PlainScenario, plainScenario } from './plain/scenario.ts';

const runs = Number(process.env['MESHSIM_RUNS'] ?? 60);
/** Of seeds: among the sixty from here on are some that found a backoff which hedges had made longer. */
const FIRST = 630;

test('nothing differs from a simulator that is as plain as can be', { timeout: 30_000 + runs * 100 }, () => {
  let compared = 0;
  for (let seed = FIRST; seed < FIRST + runs; seed++) {
    const scenario = plainScenario(lehmer(seed));
    const model = modelled(scenario);
    // What happens first of two things at one instant is a convention.
    if (model.ties > 0) continue;
    compared++;
    expect(figuresOf(simulate(planFrom(documentOf(scenario)))), `seed ${seed}`).toEqual(expectedOf(scenario, model));
  }
  expect(compared).toBeGreaterThan(runs / 4);
});

/** Ten digits: sums are made in another order. */
const rounded = (value: number): number => Number(value.toPrecision(10));

function figuresOf({ edges, endpoints, totals, window }: Result): object {
  const calls = ({ attempts, causes, hedges, latencyMs, ok, requests }: Metrics): object => ({
    requests, attempts, hedges, outcomes: ok > 0 ? { ...causes, ok } : causes,
    latencyMs: requests === 0 ? null : [rounded(latencyMs.mean!), latencyMs.min, latencyMs.max],
  });
  return {
    endMs: window.endMs,
    totals: calls(totals),
    edges: Object.fromEntries(Object.entries(edges).flatMap(([name, edge]) => (edge.requests === 0 ? [] : [[name, calls(edge)]]))),
    endpoints: Object.fromEntries(Object.entries(endpoints).map(([name, { abandonedShare, causes, meanBusy, meanQueue, ok }]) => [
      name, { busy: rounded(meanBusy), queue: rounded(meanQueue), abandoned: rounded(abandonedShare ?? 0), answers: ok > 0 ? { ...causes, ok } : causes },
    ])),
  };
}

function expectedOf({ durationNs, services, warmupNs }: PlainScenario, { edges, endNs, endpoints, totals }: PlainFigures): object {
  const calls = ({ attempts, hedges, latenciesNs, outcomes, requests }: CallFigures): object => {
    const mean = latenciesNs.reduce((sum, ns) => sum + ns, 0) / requests / 1e6;
    return { requests, attempts, hedges, outcomes, latencyMs: requests === 0 ? null : [rounded(mean), Math.min(...latenciesNs) / 1e6, Math.max(...latenciesNs) / 1e6] };
  };
  const windowNs = durationNs - warmupNs;
  return {
    endMs: endNs / 1e6,
    totals: calls(totals),
    edges: Object.fromEntries([...edges].map(([name, edge]) => [name, calls(edge)])),
    endpoints: Object.fromEntries(services.map(({ name }) => {
      const { abandonedNs, answers, busyNs, queuedNs } = endpoints.get(name)!;
      return [`${name}/0`, { busy: rounded(busyNs / windowNs), queue: rounded(queuedNs / windowNs), abandoned: busyNs === 0 ? 0 : rounded(abandonedNs / busyNs), answers }];
    })),
  };
}

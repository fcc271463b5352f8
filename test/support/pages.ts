/** Reports of runs as pages, for tests: made in this process, of traced runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPORTERS } from '../../src/report/registry.ts';
import type { Result } from '../../src/result/result.ts';
import { perform } from '../../src/run/perform.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { planOf, shippedScenarios } from '../../scripts/shipped.ts';

export async function tracedRun(text: string): Promise<Result> {
  const { plan, problems, resolved } = parseScenario(text);
  if (plan === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return perform({ job: { plan, resolved, sha256: 'f'.repeat(64) }, seed: plan.seed, want: { kind: 'result' }, trace: { share: 1 } });
}

/** @param set  values in place of the file's */
export async function shippedRun(name: string, set: Readonly<Record<string, string>> = {}): Promise<Result> {
  const scenario = shippedScenarios().find((one) => one.name === name)!;
  const { plan, resolved } = planOf(scenario, set);
  return perform({ job: { plan, resolved, sha256: scenario.sha256 }, seed: plan.seed, want: { kind: 'result' }, trace: { share: 1 } });
}

export function pageOfRun(result: Result): string {
  return REPORTERS.html.render(result, { detail: 'full', again: `meshsim run ${result.scenario.name}.yaml --seed ${result.seed}`, files: [], width: 80, color: false, unicode: true });
}

/** @returns its address */
export function pageFile(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return `file://${path}`;
}

/** A mesh of 60 endpoints and more, each service calling the next two, for an hour. */
export function bigScenario(services: number, replicas: number): string {
  const names = Array.from({ length: services }, (_, i) => `service-number-${i}`);
  return [
    'name: an-hour', 'seed: 1', 'duration: 1h', 'warmup: 1m', 'services:',
    ...names.flatMap((name, i) => [
      `  ${name}:`, `    replicas: ${replicas}`, '    concurrency: 8', '    latency: { p50: 3ms, p99: 20ms }', '    errors: { rate: 1%, status: 503 }', '    policy: standard',
      ...(i + 1 < services ? ['    calls:', ...names.slice(i + 1, i + 3).map((to) => `      - { service: ${to}, probability: 45% }`)] : []),
    ]),
    'policies:', '  standard:', '    loadBalancer: leastRequest', '    timeout: 500ms',
    '    retries: { attempts: 2, on: [gatewayError], perTryTimeout: 100ms, backoff: 5ms, budget: 20% }', '    outlierDetection: { consecutive5xx: 2, interval: 10s, baseEjectionTime: 30s }',
    'traffic:', `  - { to: ${names[0]}, name: users, rate: 6/s }`,
    'faults:', `  - { name: slow, at: 20m, for: 10m, target: ${names[2]}/0, latency: { multiply: 40 } }`,
    'thresholds:', '  - latency p(99) < 250ms', '  - errors rate < 1%', '',
  ].join('\n');
}

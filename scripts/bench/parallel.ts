/** How much faster replications are on two threads than on one: through the pool and the merging, threads' start and all. */
import { availableParallelism } from 'node:os';
import { median } from 'simple-statistics';
import { parseScenario } from '../../src/index.ts';
import { runMany } from '../../src/run/pool.ts';
import { replicate } from '../../src/run/replicate.ts';
import { type Job, replications } from '../../src/run/task.ts';
import { scenarioOf, WORKLOADS } from './workloads.ts';

const THREADS = 2;
const REPLICATIONS = 16;
const REQUESTS = 1_000_000;

export async function parallelEfficiency(rounds: number): Promise<string> {
  const what = `parallel efficiency, ${REPLICATIONS} replications of W3 with ${REQUESTS.toLocaleString('en')} requests`;
  if (availableParallelism() < THREADS) return `${what}: there are no ${THREADS} processors`;
  const { plan } = parseScenario(scenarioOf(WORKLOADS.find(({ name }) => name === 'W3')!, REQUESTS));
  const job: Job = { plan: plan!, resolved: null, sha256: '' }; // one of ours, which is valid
  // In turn, because machines are noisy and noise is common to both.
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) ratios.push((await seconds(job, 1)) / (THREADS * (await seconds(job, THREADS))));
  return `${what}: ${median(ratios).toFixed(2)} on ${THREADS} threads`;
}

async function seconds(job: Job, jobs: number): Promise<number> {
  const startedAt = performance.now();
  await replicate(job, runMany(replications(job, REPLICATIONS, { kind: 'replication' }), { jobs }), { count: REPLICATIONS, precision: null });
  return (performance.now() - startedAt) / 1000;
}

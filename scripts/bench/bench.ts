/**
 * `npm run bench`: the workloads through the whole product, each run in a process of its own.
 *
 *     npm run bench -- [W2 W3 …] [--rounds 5] [--requests N] [--limit PATH]
 *     npm run bench -- real [--rounds 5] [--seconds 1.5]
 *
 * `--limit` (or MESHSIM_LIMIT) names a program that prints {"ns_req": …} for `PROGRAM w2 REQUESTS`, or its
 * single C++ source file, which is then compiled. The two are run in turn and compared by the median of the
 * ratios, because machines are noisy and noise is common to both.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from 'simple-statistics';
import { invariantCosts } from './invariants.ts';
import { parallelEfficiency } from './parallel.ts';
import { WORKLOADS, type Workload } from './workloads.ts';

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '3' }, requests: { type: 'string' }, limit: { type: 'string' }, seconds: { type: 'string', default: '1.5' } },
});
const rounds = Number(flags.rounds);
const limit = positionals[0] === 'real' ? null : limitProgram(flags.limit ?? process.env.MESHSIM_LIMIT);
if (positionals[0] === 'real') {
  // Nothing else needs an HTTP client.
  const { benchReal } = await import('./real/real.ts');
  await benchReal(rounds, Number(flags.seconds));
} else await benchSim();

async function benchSim(): Promise<void> {
  const chosen = WORKLOADS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  console.log(`${'workload'.padEnd(52)}${'ns/request'.padStart(11)}${'M events/s'.padStart(12)}${'peak MB'.padStart(9)}${'limit ns'.padStart(10)}${'ratio'.padStart(8)}`);
  for (const workload of chosen) console.log(row(workload));
  console.log(startTimes());
  console.log(invariantCosts(rounds));
  console.log(await parallelEfficiency(rounds));
}

function row(workload: Workload): string {
  const requests = Number(flags.requests ?? workload.requests);
  const runs = Array.from({ length: rounds }, () => ({ limitNs: limitNs(workload, requests), ours: measure(workload, requests) }));
  const ours = (pick: (run: Measurement) => number): number => median(runs.map((run) => pick(run.ours)));
  const bounds = runs.flatMap(({ limitNs: ns, ours: { nsPerRequest } }) => (ns === null ? [] : [{ ns, ratio: nsPerRequest / ns }]));
  const cells = [
    ours((run) => run.nsPerRequest).toFixed(0).padStart(11),
    ours((run) => run.eventsPerSecond / 1e6).toFixed(2).padStart(12),
    ours((run) => run.peakMb).toFixed(0).padStart(9),
    (bounds.length === 0 ? '-' : median(bounds.map(({ ns }) => ns)).toFixed(0)).padStart(10),
    (bounds.length === 0 ? '-' : median(bounds.map(({ ratio }) => ratio)).toFixed(2)).padStart(8),
  ];
  return `${workload.name} ${workload.what}`.padEnd(52) + cells.join('');
}

interface Measurement {
  readonly nsPerRequest: number;
  readonly eventsPerSecond: number;
  readonly peakMb: number;
}

function measure({ name }: Workload, requests: number): Measurement {
  const script = new URL('./workload.js', import.meta.url).pathname;
  // The child prints exactly this.
  return JSON.parse(execFileSync(process.execPath, [script, name, String(requests)], { encoding: 'utf8' })) as Measurement;
}

function limitNs(workload: Workload, requests: number): number | null {
  if (limit === null) return null;
  const answer: unknown = JSON.parse(execFileSync(limit, [workload.limit, String(requests)], { encoding: 'utf8' }));
  return (answer as { readonly ns_req: number }).ns_req;
}

function limitProgram(path: string | undefined): string | null {
  if (path === undefined) return null;
  if (!path.endsWith('.cpp')) return path;
  const compiler = ['g++', 'clang++'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (compiler === undefined) {
    console.error('no C++ compiler found: ratios are left out');
    return null;
  }
  const program = join(mkdtempSync(join(tmpdir(), 'meshsim-limit-')), 'limit');
  execFileSync(compiler, ['-O3', '-march=native', '-std=c++20', path, '-o', program], { stdio: 'inherit' });
  return program;
}

/** Median wall time of two short commands, Node included. */
function startTimes(): string {
  const main = new URL('../../src/cli/main.js', import.meta.url).pathname;
  const time = (words: readonly string[]): string => {
    const runs = Array.from({ length: 7 }, () => {
      const startedAt = performance.now();
      execFileSync(process.execPath, [main, ...words]);
      return performance.now() - startedAt;
    });
    return `${median(runs).toFixed(0)} ms`;
  };
  return `start-up: --version ${time(['--version'])}, validate ${time(['validate', 'scenarios/quickstart.yaml'])}`;
}

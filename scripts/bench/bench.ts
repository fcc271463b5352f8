/**
 * `npm run bench`: the workloads through the whole product, each run in a process of its own; `--help` says how.
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

const USAGE = `usage: npm run bench -- [WORKLOAD …] [--rounds 3] [--requests N] [--limit PATH]
       npm run bench -- real [--rounds 3] [--seconds 1.5]

${WORKLOADS.map(({ name, what }) => `  ${name}      ${what}`).join('\n')}
  real    calls over sockets, beside other clients and proxies

  --rounds N     measurements of each, of which the median is told
  --requests N   of each run, instead of the workload's own number
  --limit PATH   a program, or its one C++ source file, to be compared with; or MESHSIM_LIMIT
  --seconds S    of each measurement of \`real\`
`;

const { flags, positionals } = wordsOf(process.argv.slice(2));
const rounds = positive('rounds', flags.rounds);
const seconds = positive('seconds', flags.seconds);
const requestsAsked = flags.requests === undefined ? null : positive('requests', flags.requests);
const limit = positionals[0] === 'real' ? null : limitProgram(flags.limit ?? process.env.MESHSIM_LIMIT);
if (positionals[0] === 'real') {
  // Nothing else needs an HTTP client.
  const { benchReal } = await import('./real/real.ts');
  await benchReal(rounds, seconds);
} else await benchSim();

interface Words {
  readonly flags: { readonly rounds: string; readonly seconds: string; readonly requests?: string; readonly limit?: string };
  readonly positionals: readonly string[];
}

function wordsOf(args: readonly string[]): Words {
  try {
    const { values: { help, ...flags }, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        rounds: { type: 'string', default: '3' }, requests: { type: 'string' }, limit: { type: 'string' }, seconds: { type: 'string', default: '1.5' },
      },
    });
    if (help) {
      console.log(USAGE);
      process.exit(0);
    }
    const known = ['real', ...WORKLOADS.map(({ name }) => name)];
    const odd = positionals.find((word) => !known.includes(word));
    if (odd !== undefined) return refuse(`\`${odd}\` is no workload`);
    if (positionals.includes('real') && positionals.length > 1) return refuse('`real` goes alone');
    return { flags, positionals };
  } catch (error) {
    // What it throws for words that it does not understand has a code of its own.
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')) return refuse(error.message.split('. ')[0]!);
    throw error;
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  return value > 0 && (name === 'seconds' || Number.isInteger(value)) && Number.isFinite(value) ? value : refuse(`--${name} ${text}: a ${name === 'seconds' ? '' : 'whole '}number above 0`);
}

function refuse(why: string): never {
  console.error(`bench: ${why}\n\n${USAGE}`);
  process.exit(2);
}

async function benchSim(): Promise<void> {
  const chosen = WORKLOADS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  console.log(`${'workload'.padEnd(52)}${'ns/request'.padStart(11)}${'M events/s'.padStart(12)}${'peak MB'.padStart(9)}${'limit ns'.padStart(10)}${'ratio'.padStart(8)}`);
  for (const workload of chosen) console.log(row(workload));
  console.log(startTimes());
  console.log(invariantCosts(rounds));
  console.log(await parallelEfficiency(rounds));
}

function row(workload: Workload): string {
  const requests = requestsAsked ?? workload.requests;
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

/**
 * `npm run parity` verifies every scenario of the parity suite on this machine and writes what came out into README.md, between its
 * marks. A run that is not conclusive is made again, slower; one that disagrees stops it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Row } from '../../src/verify/agreement.ts';
import type { Verification } from '../../src/verify/verification.ts';
import { PARITY_SCENARIOS, type ParityScenario } from './scenarios.ts';
import { lineOf, verified } from './verified.ts';

const README = 'README.md';
const BEGIN = '<!-- parity -->';
const END = '<!-- /parity -->';
const REPETITIONS = 3;
const SLOWER = [1, 2, 4];

const rows: string[] = [];
for (const scenario of PARITY_SCENARIOS) rows.push(tableRow(scenario, await conclusive(scenario)));

const table = [
  `Measured with ${REPETITIONS} repetitions of some seconds each on a machine with ${availableParallelism()} processors, Node ${process.versions.node.split('.')[0]}: difference of the simulator from the sockets; worst share is that of any endpoint.`,
  '',
  '| scenario | time scale | requests | p50 | p90 | p99 | errors, sim and real | worst share | within tolerance |',
  '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
  ...rows,
].join('\n');
const text = readFileSync(README, 'utf8');
const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
if (from < 0 || to < from) throw new Error(`${README} has no place for it between ${BEGIN} and ${END}`);
writeFileSync(README, `${text.slice(0, from)}${BEGIN}\n${table}\n${text.slice(to)}`);

async function conclusive(scenario: ParityScenario): Promise<Verification> {
  for (const slower of SLOWER) {
    const verification = await verified(scenario, REPETITIONS, slower);
    process.stdout.write(`${lineOf(verification)}\n`);
    if (verification.verdict === 'agree') return verification;
    if (verification.verdict === 'disagree') throw new Error(`${scenario.name} disagrees: find out why first`);
  }
  throw new Error(`${scenario.name}: this machine is too busy to tell`);
}

function tableRow({ name }: ParityScenario, { requests, rows: figures, timeScale }: Verification): string {
  const within = figures.filter(({ verdict }) => verdict === 'agrees').length;
  return `| ${name} | ${timeScale} | ${Math.round(requests)} | ${['p50', 'p90', 'p99'].map((stat) => worstRelative(figures, `latency ${stat}`)).join(' | ')} | ${errors(figures)} | ${worstShare(figures)} | ${within} of ${figures.length} |`;
}

/** Of all sources of traffic the one that differs most. */
function worstRelative(figures: readonly Row[], name: string): string {
  const relative = figures.filter((row) => row.name.endsWith(name)).map(({ difference, real }) => difference / real);
  return signed(100 * relative.reduce((worst, one) => (Math.abs(one) > Math.abs(worst) ? one : worst)), ' %');
}

function errors(figures: readonly Row[]): string {
  const { real, sim } = figures.filter(({ name }) => name.endsWith('errors')).reduce((worst, row) => (Math.abs(row.difference) > Math.abs(worst.difference) ? row : worst));
  return `${(100 * sim).toFixed(2)} %, ${(100 * real).toFixed(2)} %`;
}

function worstShare(figures: readonly Row[]): string {
  const differences = figures.filter(({ group }) => group !== null).map(({ difference }) => difference);
  return differences.length === 0 ? '-' : signed(100 * differences.reduce((worst, one) => (Math.abs(one) > Math.abs(worst) ? one : worst)), ' pt');
}

function signed(value: number, unit: string): string {
  const text = value.toFixed(1);
  return `${Number(text) > 0 ? '+' : ''}${Number(text) === 0 ? '0.0' : text}${unit}`;
}

/**
 * Ten mistakes that whoever writes such an engine may make: `meshsim check` finds each by its defaults alone, in an ordinary file, within a minute on two processors,
 * and keeps a small file that fails again, on another major of Node, too. `npm test` looks for two of them among the first cases; `npm run test:check` for all ten as
 * a user would.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { installNode } from '../../scripts/node-release.ts';
import type { CheckReport } from '../../src/check/report.ts';
import { ExitCode } from '../../src/cli/exit-codes.ts';
import type { Result } from '../../src/result/result.ts';
import { meshsim } from '../support/broken-engine/command.ts';
import { DEFECTS, TEN } from '../support/broken-engine/defects.ts';

const IS_FULL: boolean = process.env['MESHSIM_CHECK'] === 'full';
const EVERYDAY = 'test/support/broken-engine/everyday.yaml';
const LONGEST_S = 60;
const OTHER_MAJOR = process.versions.node.startsWith('22.') ? '24' : '22';

const folder = mkdtempSync(join(tmpdir(), 'meshsim-defects-'));
const rows: string[] = [];
let nodes: readonly string[] = [process.execPath];

beforeAll(() => {
  if (IS_FULL) nodes = [...nodes, installNode(OTHER_MAJOR, folder).binary];
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  if (rows.length > 0) console.log(['defect                       invariant               case   services  faults  requests   wall s   processor s', ...rows].join('\n'));
});

test.each(IS_FULL ? TEN : ['budget off by one', 'double settle'])('%s', { timeout: 300_000 }, async (name) => {
  const failures = join(folder, name.replaceAll(' ', '-'));
  const { code, out, userS, wallS } = await meshsim(name, ['check', EVERYDAY, '--json', '--quiet', '--failures', failures, ...(IS_FULL ? [] : ['--cases', '40', '--only', 'invariants'])]);
  expect(code).toBe(ExitCode.invariantBroken);
  const { found } = JSON.parse(out) as CheckReport; // its own output
  const own = found.find(({ failure }) => failure.name === DEFECTS[name]!.found);
  expect(own, found.map(({ failure }) => failure.message).join('\n')).toBeDefined();
  const { case: index, failure, file, requests, scenario: { faults = [], services } } = own!;
  rows.push([name.padEnd(26), failure.name.padEnd(21), ...[index + 1, Object.keys(services).length, faults.length, requests].map((figure) => String(figure).padStart(7)), wallS.toFixed(1).padStart(10), userS.toFixed(1).padStart(10)].join('  '));
  expect(wallS).toBeLessThan(LONGEST_S);
  expect(Object.keys(services).length).toBeLessThanOrEqual(3);
  expect(faults.length).toBeLessThanOrEqual(2);
  expect(requests).toBeLessThanOrEqual(50);

  const again = await Promise.all(nodes.map((node) => meshsim(name, ['check', '--replay', file, '--json', '--quiet'], node)));
  for (const replay of again) expect(replay).toMatchObject({ code: ExitCode.invariantBroken, out: again[0]!.out });
  expect((JSON.parse(again[0]!.out) as CheckReport).kept).toMatchObject([{ status: 'fails', failure }]);

  const runs = await Promise.all(nodes.map((node) => meshsim(name, ['run', file, '--invariants', '--json', '--quiet'], node)));
  const results = runs.map((run) => JSON.parse(run.out) as Result);
  for (const [i, { digest, invariants }] of results.entries()) {
    expect(runs[i]!.code).toBe(ExitCode.invariantBroken);
    expect(digest).toBe(results[0]!.digest);
    expect(invariants).toEqual(results[0]!.invariants);
    expect(invariants!.violations).toContainEqual(expect.objectContaining({ invariant: failure.name, message: failure.message }));
  }
});

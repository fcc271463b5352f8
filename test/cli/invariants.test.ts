/** `--invariants` on the commands that run scenarios, with an engine as it is and one that retries after the deadline. */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dispatch } from '../../src/cli/dispatch.ts';
import type { Comparison } from '../../src/compare/comparison.ts';
import { Engine } from '../../src/engine/engine.ts';
import { INVARIANT_NAMES } from '../../src/invariant/registry.ts';
import type { Result } from '../../src/result/result.ts';
import { scenarioFile, temporaryFolder } from '../support/scenario-files.ts';
import { stringShell } from '../support/string-shell.ts';

const folder = temporaryFolder();
const shop = scenarioFile(folder, 'shop.yaml', `
name: shop
duration: 400ms
services: { web: { replicas: 2, concurrency: 2, latency: { exponential: 10ms }, errors: 30%, policy: p } }
policies: { p: { timeout: 40ms, retries: { attempts: 2, on: [5xx], backoff: { base: 30ms, max: 30ms, jitter: none } } } }
traffic: [{ to: web, name: client, rate: 200/s }]
thresholds: ['errors rate < 0.1%']
`);

async function meshsim(...words: readonly string[]): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const shell = stringShell({ env: { LANG: 'C.UTF-8' } });
  const code = await dispatch(words, shell);
  return { code, out: shell.out(), err: shell.err() };
}

describe('an engine as it is', () => {
  test('holds them all, and its figures are those of a run without', async () => {
    const [without, json] = [await meshsim('run', shop, '--json'), await meshsim('run', shop, '--json', '--invariants')];
    const [plain, audited] = [without, json].map(({ out }) => JSON.parse(out) as Result);
    const { invariants, ...rest } = audited!;
    expect(invariants).toEqual({ checked: INVARIANT_NAMES.length, broken: 0, violations: [] });
    expect({ ...rest, env: null }).toEqual({ ...plain!, env: null });
    expect(plain).not.toHaveProperty('invariants');
    expect(json.code).toBe(without.code);
    expect((await meshsim('run', shop, '--invariants')).out).toContain(`✓ INVARIANTS HELD   all ${INVARIANT_NAMES.length}\n`);
  });
});

describe('an engine whose retries outlive the deadline', () => {
  const methods = Engine.prototype as unknown as { callTimedOut: (call: { readonly awaitsRetry: boolean }, now: number) => void };
  const { callTimedOut } = methods;
  beforeEach(() => {
    methods.callTimedOut = function (call, now) {
      if (!call.awaitsRetry) callTimedOut.call(this, call, now);
    };
  });
  afterEach(() => {
    methods.callTimedOut = callTimedOut;
  });
  const story = /no-late-attempt: at 0\.\d+ s on client->web of client\/0, call \d+, attempt \d+: attempt [23] was sent 0\.\d+ s after the deadline of its call/;

  test('run names when, where, which call and what, and exits 4 before a threshold that failed', async () => {
    const out = join(folder, 'out');
    const { code, out: text } = await meshsim('run', shop, '--invariants', '--out', out);
    expect(code).toBe(4);
    expect(text).toMatch(new RegExp(`✗ FAILED {3}1 of 1 threshold\n✗ INVARIANT BROKEN {3}\\d violations? of ${INVARIANT_NAMES.length} invariants\n`));
    expect(text.replace(/\n {4}/g, ' ')).toMatch(new RegExp(`! seed 1, ${story.source}`));
    expect(text).toContain('again: meshsim run');
    expect(text).toContain('--invariants');
    const result = JSON.parse(readFileSync(join(out, 'result.json'), 'utf8')) as Result;
    expect(result.invariants!.violations).toContainEqual(expect.objectContaining({ invariant: 'no-late-attempt', seed: 1, edge: 'client->web', caller: 'client/0', decision: expect.stringMatching(/^attempt [23] was sent/), message: expect.stringMatching(story) }));
    expect(readFileSync(join(out, 'report.md'), 'utf8')).toContain('**INVARIANT BROKEN**');
  });

  test('each replication tells its seed', async () => {
    const { code, out } = await meshsim('run', shop, '--invariants', '--reps', '3', '--json');
    const { invariants, reps } = JSON.parse(out) as Result;
    expect(code).toBe(4);
    expect(new Set(invariants!.violations.map(({ seed }) => seed))).toEqual(new Set(reps.map(({ seed }) => seed)));
    expect(invariants!.broken).toBe(invariants!.violations.length);
  });

  test('compare tells the side, and exits 4', async () => {
    const words = ['compare', shop, '--vary', 'policies.p.timeout=40ms,none', '--reps', '2', '--invariants'];
    const { code, out } = await meshsim(...words, '--json');
    const { invariants } = JSON.parse(out) as Comparison;
    expect(code).toBe(4);
    expect(new Set(invariants!.violations.map(({ side }) => side))).toEqual(new Set(['40ms']));
    const table = await meshsim(...words);
    expect(table.out).toMatch(new RegExp(`INVARIANT BROKEN {3}\\d violations of ${INVARIANT_NAMES.length} invariants`));
    expect(table.out.replace(/\n {4}/g, ' ')).toMatch(new RegExp(`! 40ms, seed 1, ${story.source}`));
    expect(table.out).toContain('exit 4');
  });
});

test('real time is refused with the reason', async () => {
  const { code, err } = await meshsim('run', shop, '--invariants', '--mode', 'real');
  expect(code).toBe(2);
  expect(err).toContain('--invariants holds timeouts and deadlines to the nanosecond, which a machine that may be late cannot: leave out --mode real');
});

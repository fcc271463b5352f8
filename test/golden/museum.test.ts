/** Each story of `scenarios/museum/` shows its defect beside what helps, and without what helps it shows the defect twice. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { run, type Shipped, shippedScenarios } from '../../scripts/shipped.ts';
import type { Result } from '../../src/result/result.ts';

const FOLDER = 'scenarios/museum';
const stories = shippedScenarios('.', FOLDER);

/** What takes the help away, where it is not that the callers of `better` have the policy `naive` as well. */
const WITHOUT_HELP: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'least-request-alone': { 'traffic.1.clients': '20' },
  'retry-amplification': { 'services.better-web.policy': 'retrying', 'services.better-api.policy': 'retrying' },
  'round-robin-per-worker': { 'traffic.1.clients': '16' },
};
const NAIVE = { 'services.better.policy': 'naive' };

const failed = ({ thresholds }: Result): string[] => thresholds.filter(({ pass }) => !pass).map(({ expr, value }) => `${expr}: ${value}`);

test('the museum has fifteen stories or more, and a table that names each', () => {
  expect(stories.length).toBeGreaterThanOrEqual(15);
  const table = readFileSync(`${FOLDER}/README.md`, 'utf8');
  const rows = [...table.matchAll(/^\| \[`([a-z-]+)`\]\(\1\.yaml\) \|/gm)].map(([, name]) => name);
  expect(rows.toSorted()).toEqual(stories.map(({ name }) => name));
  expect(readdirSync(FOLDER).length).toBe(stories.length + 1);
});

describe.each(stories)('$name', (story: Shipped) => {
  test('says what happens, why, where it was reported and what helps', () => {
    const lines = story.text.split('\n');
    const comment = lines.slice(0, lines.findIndex((line) => !line.startsWith('#')));
    expect(comment.flatMap((line) => /^# ([A-Z].*?) {2,}/.exec(line)?.[1] ?? [])).toEqual(['What happens', 'Why', 'Reported', 'What helps']);
    expect(story.text).toMatch(new RegExp(`^name: ${story.name}\ndescription: .+$`, 'm'));
  });

  test('the naive side shows it, the better one does not', () => {
    const result = run(story);
    expect(failed(result)).toEqual([]);
    expect(result.complete).toBe(true);
    for (const side of ['naive', 'better']) expect(result.thresholds.some(({ expr }) => expr.includes(`:${side}`))).toBe(true);
  });

  test('without what helps the better side shows it too', () => {
    const missed = failed(run(story, WITHOUT_HELP[story.name] ?? NAIVE));
    expect(missed.length).toBeGreaterThanOrEqual(1);
    expect(missed.filter((expr) => !expr.includes(':better'))).toEqual([]);
  });
});

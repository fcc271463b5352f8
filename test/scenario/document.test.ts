import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arbScenario } from '../../src/check/arbitrary/scenario.ts';
import type { Plan } from '../../src/model/plan.ts';
import { documentOf, documentText } from '../../src/scenario/document.ts';
import { planOfDocument } from '../../src/scenario/document-plan.ts';
import { parseScenario } from '../../src/scenario/parse.ts';
import { shippedScenarios } from '../../scripts/shipped.ts';

/** Thresholds know where they stand, and an object has no lines. */
const withoutLines = (plan: Plan | null): unknown => plan !== null && { ...plan, thresholds: plan.thresholds.map(({ line: _, ...threshold }) => threshold) };

describe('a scenario as an object', () => {
  test.each(shippedScenarios())('$name means what its file means, and so does what is written of it', ({ path, text }) => {
    const readFile = (file: string): string => readFileSync(join('scenarios', file), 'utf8');
    const options = { file: path, readFile };
    const plan = withoutLines(parseScenario(text, options).plan);
    expect(plan).not.toBe(false);
    const document = documentOf(text, { readFile });
    expect(withoutLines(parseScenario(document, { file: path }).plan)).toEqual(plan);
    expect(withoutLines(parseScenario(documentText(document, ['a comment', '']), { file: path }).plan)).toEqual(plan);
  });

  test('generated ones, too', () => {
    fc.assert(fc.property(arbScenario(), (scenario) => {
      expect(withoutLines(parseScenario(documentText(scenario)).plan)).toEqual(withoutLines(parseScenario(scenario).plan));
    }), { numRuns: 50 });
  });

  test('files that it refers to are in it, and overrides', () => {
    const text = 'duration: 1s\nservices: { web: { latency: { empirical: { file: lat.csv, column: ms }, shift: 1ms } } }\ntraffic: [{ to: web, rate: 10/s }]\n';
    const document = documentOf(text, { readFile: () => 'ms\n5\n7.5\n', set: [{ path: 'services.web.replicas', value: '3' }] });
    expect(document.services['web']).toEqual({ latency: { empirical: ['5ms', '7.5ms'], shift: '1ms' }, replicas: 3 });
  });

  test('a key that is undefined is not there', () => {
    expect(planOfDocument({ duration: '1s', drain: undefined, services: { web: { latency: '1ms' } }, traffic: [{ to: 'web', rate: '1/s' }] }).drainNs).toBe(30e9);
  });

  test('what is wrong is said with lines, as if it had been a file', () => {
    const wrong = { duration: '1s', services: { web: { latency: '1ms', replica: 3 } }, traffic: [{ to: 'web', rate: '1/s' }] };
    expect(() => planOfDocument(wrong)).toThrow(/`replica` is not a field of a service[\s\S]*did you mean `replicas`\?/);
  });
});

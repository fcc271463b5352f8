/** The page of policies is what their descriptions say, and tells of all of them. */
import { describe, expect, it } from 'vitest';
import { PAGE, policiesPage } from '../../scripts/policies-page.ts';
import { differenceIn } from '../../scripts/reference-reports.ts';
import { admissionKinds } from '../../src/engine/admission/admission-kinds.ts';
import { concurrencyLimitKinds } from '../../src/engine/admission/concurrency-kinds.ts';
import { rateLimitKind } from '../../src/engine/admission/rate-limit-options.ts';
import { balancerKinds } from '../../src/engine/balance/kinds.ts';
import { slowStartKind } from '../../src/engine/balance/slow-start-options.ts';
import { circuitBreakerKind } from '../../src/engine/breaker/circuit-breaker-options.ts';
import { failfastKind } from '../../src/engine/breaker/failfast-options.ts';
import { healthCheckKind } from '../../src/engine/breaker/health-check-options.ts';
import { accrualKinds } from '../../src/engine/breaker/kinds.ts';
import { hedgeKind } from '../../src/engine/hedge/hedge-options.ts';
import { localityKinds } from '../../src/engine/locality/kinds.ts';
import { outlierKind } from '../../src/engine/outlier/outlier-options.ts';
import { connectionPoolKind } from '../../src/engine/pool/connection-pool-options.ts';
import { budgetKinds } from '../../src/engine/retry/budget-options.ts';
import { RETRY_WORDS } from '../../src/engine/retry/condition.ts';
import { jitterKinds } from '../../src/engine/retry/jitter-kinds.ts';
import { splitKinds } from '../../src/engine/route/kinds.ts';
import type { Kind } from '../../src/model/kind.ts';
import { presets } from '../../src/scenario/preset/registry.ts';
import { inline, type Json } from '../../src/scenario/schema.ts';

describe('docs/policies.md', () => {
  const page = policiesPage();

  it('is up to date', () => {
    expect(differenceIn({ path: PAGE, text: page }), 'npm run docs').toBeNull();
  });

  const parts: Readonly<Record<string, Kind>> = {
    circuitBreaker: circuitBreakerKind, connectionPool: connectionPoolKind, failfast: failfastKind, healthCheck: healthCheckKind, hedge: hedgeKind, outlierDetection: outlierKind, rateLimit: rateLimitKind, slowStart: slowStartKind,
  };
  const registries: readonly Readonly<Record<string, Kind>>[] = [balancerKinds, budgetKinds, jitterKinds, admissionKinds, concurrencyLimitKinds, accrualKinds, localityKinds, splitKinds, parts];

  it.each(registries.flatMap((kinds) => Object.entries(kinds)))('%s with all its options, what it copies and where it differs', (name, { doc, copies, differences, options }) => {
    for (const text of [name, doc, ...(copies === undefined ? [] : [copies]), ...(differences ?? [])]) expect(page).toContain(text);
    for (const [option, spec] of Object.entries(options)) expect(page).toMatch(new RegExp(`^\\| \`${option}\` \\| .* \\| ${escaped(spec.doc.replace(/\.$/, ''))}`, 'm'));
  });

  it('says of every option what it is, its unit and range, and its default', () => {
    const rows = rowsUnder(page, '| Option | Value | Default | What |');
    expect(rows.length).toBeGreaterThan(150);
    for (const [option, value, byDefault, what] of rows) {
      expect(value, option).toMatch(/^(true or false|distribution|`|(number|whole number|duration|ratio|rate|size), (at least|at most|above|any|[\d.]+\S* to )|(list|weights|order) of )/);
      expect([byDefault, what], option).not.toContain('');
    }
  });

  it.each(Object.entries(RETRY_WORDS))('the retry word %s', (word, meaning) => expect(page).toContain(`| \`${word}\` | ${meaning} |`));

  it.each(Object.entries(presets))('the preset %s with every value, its variants and where it differs', (name, { differences, given, sets, variants }) => {
    const start = page.indexOf(`### \`preset: ${name}\``);
    expect(start).toBeGreaterThan(0);
    const text = page.slice(start, page.indexOf('\n### ', start + 1) + 1 || undefined);
    const values = (json: Json): Json[] => (typeof json === 'object' && json !== null && !Array.isArray(json) ? Object.entries(json).flatMap(([key, value]) => [key, ...values(value)]) : [json]);
    for (const value of [sets, ...(given ?? []).map((one) => one.sets), ...(variants ?? []).map((one) => one.sets)].flatMap(values)) expect(text).toContain(inline(value));
    for (const line of [...(differences ?? []), ...(variants ?? []).map(({ doc }) => doc)]) expect(text).toContain(line);
  });

  it('has tables whose rows have as many cells as their heads', () => {
    const lines = page.split('\n');
    const cells = (line: string): number => line.replaceAll('\\|', '').split('|').length;
    for (const [i, line] of lines.entries()) if (line.startsWith('|') && lines[i - 1]!.startsWith('|')) expect(cells(line), line).toBe(cells(lines[i - 1]!));
  });

  it('leads nowhere that is not there, and to one place only', () => {
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text]) => text!.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'));
    expect(new Set(anchors).size).toBe(anchors.length);
    for (const [, target] of page.matchAll(/\]\(#([^)]*)\)/g)) expect(anchors).toContain(target);
  });
});

/** Cells of all tables with this head. */
function rowsUnder(page: string, head: string): string[][] {
  const lines = page.split('\n');
  return lines.flatMap((line, i) => {
    if (line !== head) return [];
    const end = lines.findIndex((other, j) => j > i && !other.startsWith('|'));
    return lines.slice(i + 2, end).map((row) => row.replaceAll('\\|', '¦').split('|').slice(1, -1).map((cell) => cell.trim()));
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** The page of policies is what their descriptions say, and tells of all of them. */
import { describe, expect, it } from 'vitest';
import { PAGE, policiesPage } from '../../scripts/policies-page.ts';
import { differenceIn } from '../../scripts/reference-reports.ts';
import { admissionKinds } from '../../src/engine/admission/admission-kinds.ts';
import { concurrencyLimitKinds } from '../../src/engine/admission/concurrency-kinds.ts';
import { balancerKinds } from '../../src/engine/balance/kinds.ts';
import { budgetKinds } from '../../src/engine/retry/budget-options.ts';
import { jitterKinds } from '../../src/engine/retry/jitter-kinds.ts';
import type { Kind } from '../../src/model/kind.ts';
import { presets } from '../../src/scenario/preset/registry.ts';

describe('docs/policies.md', () => {
  const page = policiesPage();

  it('is up to date', () => {
    expect(differenceIn({ path: PAGE, text: page }), 'npm run docs').toBeNull();
  });

  const registries: readonly Readonly<Record<string, Partial<Kind> & { readonly doc: string }>>[] = [balancerKinds, budgetKinds, jitterKinds, admissionKinds, concurrencyLimitKinds];

  it.each(registries.flatMap((kinds) => Object.entries(kinds)))('%s with all its options, what it copies and where it differs', (name, { doc, copies, differences, options }) => {
    for (const text of [`\`${name}\``, doc, ...(copies === undefined ? [] : [copies]), ...(differences ?? [])]) expect(page).toContain(text);
    for (const [option, spec] of Object.entries(options ?? {})) expect(page).toMatch(new RegExp(`^\\| \`${option}\` \\| .* \\| ${escaped(spec.doc)}`, 'm'));
  });

  it.each(Object.keys(presets))('the preset %s', (name) => expect(page).toContain(`### \`${name}\``));

  it('has tables whose rows have as many cells as their heads', () => {
    const lines = page.split('\n');
    const cells = (line: string): number => line.replaceAll('\\|', '').split('|').length;
    for (const [i, line] of lines.entries()) if (line.startsWith('|') && lines[i - 1]!.startsWith('|')) expect(cells(line), line).toBe(cells(lines[i - 1]!));
  });

  it('leads nowhere that is not there', () => {
    const anchors = [...page.matchAll(/^#+ (.*)$/gm)].map(([, text]) => text!.toLowerCase().replace(/[^a-z0-9 -]/g, '').replaceAll(' ', '-'));
    for (const [, target] of page.matchAll(/\]\(#([^)]*)\)/g)) expect(anchors).toContain(target);
  });
});

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

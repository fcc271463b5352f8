/** Invariants that were broken: when, where, and what was decided instead of what. */
import type { Violation } from '../../../model/violation.ts';
import { NS_PER_MS } from '../../../model/units.ts';
import type { Result } from '../../../result/result.ts';
import * as format from '../../format.ts';
import { nothing } from '../blocks.ts';
import { dataTable } from '../data-table.ts';
import type { PageSection } from '../page.ts';

/** None where nobody asked for them. */
export function invariantSection({ invariants }: Result): PageSection[] {
  if (invariants === undefined) return [];
  const { broken, checked, violations } = invariants;
  return [{
    id: 'invariants', title: 'Invariants',
    lead: `${format.count(checked)} were looked after; ${broken === 0 ? 'none was broken' : `${format.count(broken)} were broken`}.`,
    body: violations.length === 0 ? nothing('Every decision kept to them.') : dataTable<Violation>({
      title: 'Broken invariants',
      rows: violations,
      columns: [
        { title: 'Invariant', isText: true, of: ({ invariant }) => ({ text: invariant, value: invariant }) },
        { title: 'At', of: ({ atNs }) => ({ text: format.duration(atNs / NS_PER_MS), value: atNs }) },
        { title: 'Seed', of: ({ seed }) => ({ text: String(seed), value: seed }) },
        { title: 'Edge', isText: true, of: ({ edge }) => ({ text: edge ?? '' }) },
        { title: 'Caller', isText: true, of: ({ caller }) => ({ text: caller ?? '' }) },
        { title: 'What happened', isText: true, of: ({ message }) => ({ text: message, tone: 'dim' }) },
      ],
    }),
  }];
}

/** What becomes of the cases of a topic, and the table of it all. */
import { differences } from './compare.ts';
import type { Case, Topic, Topics } from './topic.ts';
import type { VectorFile } from './vectors.ts';

export type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly wrong: readonly string[]; readonly dispute: string | null }
  | { readonly kind: 'notApplicable'; readonly reason: string };

/** Why a case is not run at all; null where it is. */
export function reasonNotToRun(topic: Topics[string] | undefined, theCase: Case): string | null {
  if (topic === undefined) return 'no runner';
  return typeof topic === 'string' ? topic : (topic.notApplicable?.[theCase.name] ?? null);
}

export function verdictOn(topic: Topics[string] | undefined, system: string, theCase: Case): Verdict {
  const reason = reasonNotToRun(topic, theCase);
  if (reason !== null) return { kind: 'notApplicable', reason };
  const runner = topic as Topic; // it has no reason not to run
  const wrong = wrongWith(runner, system, theCase);
  return wrong.length === 0 ? { kind: 'passed' } : { kind: 'failed', wrong, dispute: runner.disputed?.[theCase.name] ?? null };
}

function wrongWith(topic: Topic, system: string, theCase: Case): readonly string[] {
  const { relative = system === 'envoy' ? 0 : 1e-9, absolute = 0 } = topic.tolerance ?? {};
  const tolerance = theCase.tolerance === undefined ? { relative, absolute } : { relative: 0, absolute: theCase.tolerance };
  try {
    return differences(theCase.expected, topic.run(theCase.input, theCase), tolerance);
  } catch (error) {
    // A runner that cannot take a case has not passed it; where it stopped is part of the news.
    return [`threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
}

export class Tally {
  readonly name: string;
  readonly cases: number;
  private readonly awaits: string | null;
  private passed: number = 0;
  private readonly failed: string[] = [];
  private readonly reasons: string[] = [];

  constructor({ name, cases }: VectorFile, topic: Topics[string] | undefined) {
    this.name = name;
    this.awaits = typeof topic === 'object' ? (topic.awaits ?? null) : null;
    this.cases = cases.length;
  }

  add({ name }: Case, verdict: Verdict): void {
    if (verdict.kind === 'passed') this.passed++;
    else if (verdict.kind === 'notApplicable') this.reasons.push(verdict.reason);
    else {
      const [first = '', ...more] = verdict.wrong.map((text) => text.split('\n')[0]!);
      this.failed.push(`${name}: ${verdict.dispute === null ? '' : `disputed, ${verdict.dispute}: `}${[first, ...more].join('; ')}`);
    }
  }

  /** Passed by classes that no run reaches yet. */
  get ahead(): number {
    return this.awaits === null ? 0 : this.passed;
  }

  /** Passed, failed, not applicable. */
  get counts(): readonly [number, number, number] {
    return [this.passed, this.failed.length, this.reasons.length];
  }

  lines(width: number): string[] {
    const pad = ' '.repeat(width);
    return [
      row(this.name.padEnd(width), this.counts),
      ...this.failed.map((text) => `${pad}  failed: ${text}`),
      ...(this.awaits === null ? [] : [`${pad}  no run gets here yet: it takes ${this.awaits}`]),
      ...[...new Set(this.reasons)].map((reason) => `${pad}  not applicable: ${reason}`),
    ];
  }
}

export function tableOf(tallies: readonly Tally[]): string {
  const width = Math.max('topic'.length, ...tallies.map(({ name }) => name.length));
  const [passed, failed, left] = [0, 1, 2].map((column) => tallies.reduce((sum, { counts }) => sum + counts[column]!, 0)) as [number, number, number];
  const ahead = tallies.reduce((sum, tally) => sum + tally.ahead, 0);
  return [
    row('topic'.padEnd(width), ['passed', 'failed', 'not applicable']),
    ...tallies.flatMap((tally) => tally.lines(width)),
    ...(ahead === 0 ? [] : [`${ahead} of those that passed are ahead of any run`]),
    `${passed} passed, ${failed} failed, ${left} not applicable, of ${passed + failed + left}`,
  ].join('\n');
}

function row(name: string, cells: readonly (string | number)[]): string {
  return name + cells.map((cell) => String(cell).padStart(16)).join('');
}

/** A fault on its own, for a mesh that is up: read as one in the list of a file would be, with the same problems. */
import type { FaultPlan, Plan } from '../model/plan.ts';
import { fault } from './fault-schema.ts';
import { FaultResolver } from './fault-plan.ts';
import { Locator } from './locate.ts';
import { type Problem, sortProblems } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import { duration } from './scalar.ts';
import { At, map, optional, type Schema } from './schema.ts';
import { readSource, type SourceNode } from './source.ts';

export interface ParsedFault {
  /** Null if there is any error. */
  readonly fault: FaultPlan | null;
  readonly problems: readonly Problem[];
}

export interface FaultSurroundings {
  /** Whose services, zones and edges it may hit. */
  readonly plan: Plan;
  /** Names of other faults. */
  readonly taken: readonly string[];
  /** Its name where it has none of its own. */
  readonly fallbackName: string;
}

/**
 * Its times count from when it is handed over.
 * @param text  YAML or JSON: a map, as in `faults` of a scenario
 */
export function parseFault(text: string, { plan, taken, fallbackName }: FaultSurroundings): ParsedFault {
  const problems = new ProblemList('fault', text);
  const root = readSource(text, null, problems);
  if (root === null) {
    if (!problems.hasErrors()) problems.add('missing-key', [], WHOLE, 'there is no fault', { hint: 'such as `{ target: cart/4, latency: { multiply: 10 } }`' });
    return { fault: null, problems: problems.problems };
  }
  const value = read(fault, root, problems);
  const locator = new Locator(root);
  const name = value.name ?? fallbackName;
  if (problems.isSound(['name']) && taken.includes(name)) {
    problems.add('duplicate-name', ['name'], locator.value(['name']), `there is a fault \`${name}\` already`, { hint: 'give this one another `name`' });
  }
  const resolved = new FaultResolver(plan, locator, problems).plan(value, name, []);
  return { fault: problems.hasErrors() ? null : resolved, problems: sortProblems(problems.problems) };
}

export interface ParsedStart {
  /** How long it is to be on, ns; Infinity until it is stopped. Null if there is any error. */
  readonly forNs: number | null;
  readonly problems: readonly Problem[];
}

/** @param text  YAML or JSON, such as `{ for: 10s }`; nothing is `{}` */
export function parseStart(text: string): ParsedStart {
  const problems = new ProblemList('start', text);
  const root = readSource(text, null, problems);
  const value = root === null ? { for: null } : read(start, root, problems);
  return { forNs: problems.hasErrors() ? null : (value.for ?? Infinity), problems: sortProblems(problems.problems) };
}

const WHOLE = { start: 0, end: 0, flag: null } as const;

const start = map<{ readonly for: number | null }>({
  noun: 'a start',
  doc: 'How long a fault is to be on.',
  fields: { for: optional(duration({ min: 1, examples: ['10s'] }), 'How long it is on; default: until it is stopped.') },
});

function read<T>(schema: Schema<T>, root: SourceNode, problems: ProblemList): T {
  const readFile = (): string => {
    throw new Error('files cannot be read here');
  };
  return schema.read(new At(root, [], { problems, readFile, root: () => schema })).value;
}

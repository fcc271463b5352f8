/** A policy on its own. */
import { policy } from './policy-schema.ts';
import { ProblemList } from './problem-list.ts';
import { At, type JsonObject, sourceOf } from './schema.ts';

/** Whether a file may say so: each value within its range, and none that contradicts another. References and zones are the rest of the file's affair. */
export function isPolicy(written: JsonObject): boolean {
  const problems = new ProblemList('policy', '');
  policy.read(new At(sourceOf(written, { start: 0, end: 0, flag: null }), [], { problems, readFile: refuse, root: () => policy }));
  return !problems.hasErrors();
}

function refuse(): never {
  throw new Error('a policy has no files');
}

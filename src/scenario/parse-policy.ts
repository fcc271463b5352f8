/** A part of a policy on its own. */
import { type PolicyFile, policy } from './policy-schema.ts';
import { ProblemList } from './problem-list.ts';
import { At, type Json, sourceOf } from './schema.ts';

/** Whether a policy may say so: each value within its range, and none that contradicts another. Names of zones are the whole file's affair. */
export function isPolicyPart(name: keyof PolicyFile, written: Json): boolean {
  const problems = new ProblemList('policy', '');
  const { schema } = policy.fields![name]!; // a policy is a map of such keys
  schema.read(new At(sourceOf(written, { start: 0, end: 0, flag: null }), [], { problems, readFile: refuse, root: () => policy }));
  return !problems.hasErrors();
}

function refuse(): never {
  throw new Error('a policy has no files');
}

/** `docs/invariants.md`: every invariant with what holds, why, and where that comes from; made from their registry. */
import { INVARIANTS } from '../src/invariant/registry.ts';

export const INVARIANTS_PAGE = 'docs/invariants.md';

export function invariantsPage(): string {
  const sections = Object.entries(INVARIANTS).map(([name, { doc, why, source }]) => `## \`${name}\`\n\n${doc}\n\n*Why:* ${why}\n\n*Source:* ${source}.\n`);
  return `${HEAD}\n${sections.join('\n')}`;
}

const HEAD = `# Invariants

<!-- Made by \`npm run docs\` from the registry of invariants. -->

What must hold in every run, whatever the scenario. \`meshsim run FILE --invariants\` and \`meshsim compare A B --invariants\` look after all of them while the runs
go on: they watch every decision of the policies and keep books of their own, so that a policy that counts wrongly is found. The figures are those of a run without it.

The first decision that breaks an invariant is named in the summary and in \`result.json\` (\`invariants.violations\`), with its seed, time, edge, caller and call, and what was
decided; the exit code is 4. Calls and attempts go by the numbers that a recording of the run has (\`--record\`, see [recordings](recording.md)).

They hold timeouts and deadlines to the nanosecond, and so are for virtual time.
`;

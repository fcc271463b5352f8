import { compareSides } from '../../compare/compare.ts';
import type { AuditedSides } from '../../compare/comparison.ts';
import type { Side } from '../../compare/side.ts';
import type { Audited } from '../../model/violation.ts';
import { isFailure } from '../../compare/failure.ts';
import { COMPARISON_FORMATS } from '../../report/comparison/registry.ts';
import { REPLICATIONS_DEFAULT } from '../../run/task.ts';
import { comparisonAnnotations } from '../ci/annotation.ts';
import { CI_FLAG, ciOf } from '../ci/ci.ts';
import type { Command } from '../command.ts';
import { type Luck, luckOf, runContest } from '../contest-runs.ts';
import { type Contest, type Contestant, contestOf } from '../contestants.ts';
import { COMPARISON_REPORTS, comparisonTextOf, deliverComparison } from '../deliver-comparison.ts';
import { DISPLAY_FLAGS, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { COMPARISON_FLAGS, failOnOf, minEffectOf } from '../fail-on.ts';
import { SIGNAL_CODES } from '../follow.ts';
import { INVARIANTS_FLAG, isBroken } from '../invariants.ts';
import { POLICY_FLAG } from '../overrides.ts';
import { outputFlags, outputsOf, reportAmong } from '../outputs.ts';
import { type Refused, refuse } from '../refusal.ts';
import { JOBS_FLAG } from '../replication-settings.ts';
import { tellProblems } from '../runnable.ts';
import { differenceBetween, type Origin, systemHash } from '../scenario-caveats.ts';
import type { Settings } from '../settings.ts';
import type { Signal } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { UserError } from '../user-error.ts';
import { findWhy } from '../why-runs.ts';

export const compare: Command = {
  doc: 'Compare policies, scenarios or saved results under the same luck, and say how sure the answer is.',
  operand: '<files...>',
  operandDoc: 'scenario files, results or baselines, the reference first; - reads standard input',
  examples: [
    { command: 'meshsim compare today.yaml tomorrow.yaml', doc: 'is tomorrow better?' },
    { command: 'meshsim compare shop.yaml --vary policies.standard.loadBalancer=roundRobin,leastRequest,peakEwma', doc: 'values of one path; YAML maps are values, too' },
    { command: 'meshsim compare today.yaml tomorrow.yaml --why', doc: 'and which requests it is, through which decisions' },
    { command: 'meshsim compare before.json after.yaml --fail-on worse --min-effect 2%', doc: 'in CI: exit 5 on a regression of more than 2 %' },
  ],
  flags: [
    { name: 'vary', value: 'path=v1,v2', repeats: true, group: 'Input', doc: 'compare these values of a path of one file, the first being the reference; several paths vary together' },
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of every scenario file; paths as in its problems' },
    POLICY_FLAG,
    { name: 'seed', value: 'n', group: 'Run', doc: "the replications' seeds come from it, instead of the reference's seed" },
    { name: 'duration', value: 'time', group: 'Run', doc: "how long traffic arrives in each run, such as 60s, instead of the files' duration" },
    { name: 'warmup', value: 'time', group: 'Run', doc: "what is not counted at the start of each run, such as 10s, or auto (the longest that a side needs), instead of the files' warmup" },
    { name: 'reps', value: 'n', group: 'Run', doc: `replications a side; ${REPLICATIONS_DEFAULT} unless a file says more than one or a saved side has its own number` },
    INVARIANTS_FLAG,
    JOBS_FLAG,
    ...COMPARISON_FLAGS,
    { name: 'why', group: 'Run', doc: 'also follow the requests of the first pair of replications: which ones differ, and through which decision first' },
    { name: 'json', group: 'Output', doc: 'print the comparison as one JSON document instead of the table' },
    { name: 'out', value: 'folder', group: 'Output', doc: 'write comparison.json, comparison.md and report.html there' },
    ...outputFlags(COMPARISON_FORMATS),
    CI_FLAG,
    ...DISPLAY_FLAGS,
  ],
  async run({ shell, operands, settings }) {
    const name = `meshsim compare ${operands.join(' ')}`;
    const outputs = await outputsOf(settings, COMPARISON_FORMATS, COMPARISON_REPORTS, { reads: operands });
    const ci = ciOf(settings, shell);
    const unfold = ci.fold(name);
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const minEffect = minEffectOf(settings);
    const contest = await contestOf(operands, settings, shell);
    const refuseFor = (refused: readonly Refused[]): Promise<ExitCode> => {
      unfold();
      return refuse({ command: name, refused, outputs, ci, settings, shell });
    };
    if (!('contestants' in contest)) return refuseFor(contest.problems);
    for (const { input, problems } of contest.problems) tellProblems(problems, input, settings, shell);
    if (settings.isOn('why') && contest.contestants.filter(({ job }) => job !== null).length < 2) throw new UserError('usage', '--why sets requests against each other, and a saved result has none: name two scenario files, or --vary');

    const luck = luckOf(contest, settings);
    const ran = await runContest(contest, luck, settings, shell);
    if (ran.kind === 'stopped') return SIGNAL_CODES[ran.signal];
    if (ran.kind === 'problem') return refuseFor([ran]);
    unfold();
    const { audits, courses, sides, incomplete, jobs, signal } = ran;
    const caveats = [...endedEarly(incomplete, luck.seeds.length, signal), ...differences(contest)];
    const compared = compareSides(sides, { minEffect, failOn: failOnOf(settings), caveats });
    const invariants = auditOf(sides, audits);
    const why = settings.isOn('why') && signal === null ? { why: await findWhy(jobs, luck.seed, settings, shell) } : {};
    const comparison = { ...compared, ...(invariants === null ? {} : { invariants }), ...why };
    const judged = isBroken(invariants) ? ExitCode.invariantBroken : isFailure(comparison) ? ExitCode.regression : incomplete > 0 ? ExitCode.inconclusive : ExitCode.ok;
    const verdict = signal !== null && incomplete > 0 ? SIGNAL_CODES[signal] : judged;
    const about = { courses, subject: contest.subject, exitCode: verdict, again: againOf(operands, luck, settings) };
    const { files, failures } = deliverComparison(comparison, { ...about, outputs, print: 'alone', settings, shell });
    for (const failure of failures) shell.stderr.write(`meshsim: ${failure}\n`);
    const code = verdict === ExitCode.ok && failures.length > 0 ? ExitCode.usage : verdict;
    await ci.conclude({
      code,
      annotations: comparisonAnnotations(comparison, operands.at(-1)!), // the parser asks for one or more
      markdown: async () => comparisonTextOf(await COMPARISON_FORMATS.markdown.load(), comparison, about),
      report: reportAmong(files),
    });
    return code;
  },
};

/** Null where no invariants were looked after. */
function auditOf(sides: readonly Side[], audits: readonly (Audited | null)[]): AuditedSides | null {
  const known = audits.flatMap((audited, i) => (audited === null ? [] : [{ ...audited, violations: audited.violations.map((violation) => ({ side: sides[i]!.label, ...violation })) }]));
  if (known[0] === undefined) return null;
  const total = (of: (audited: Audited) => number): number => known.reduce((sum, audited) => sum + of(audited), 0);
  return { checked: known[0].checked, broken: total(({ broken }) => broken), violations: known.flatMap(({ violations }) => violations) };
}

function endedEarly(incomplete: number, count: number, signal: Signal | null): string[] {
  if (incomplete === 0) return [];
  return [signal === null
    ? `${incomplete} of ${count} replications ended before their time on some side, with more in flight than a run can hold, and are left out`
    : `PARTIAL: stopped with ${count - incomplete} of ${count} replications complete`];
}

/** What else than the name sets two files apart. A value that is varied needs no mention. */
function differences({ contestants: [reference, ...others], isVaried }: Contest): string[] {
  if (isVaried) return [];
  return others.map((other) => differenceBetween(originOf(reference!), originOf(other)) ?? `${other.label} and ${reference!.label} are the same system under the same load`);
}

function originOf({ label, job, saved }: Contestant): Origin {
  return job === null ? { label, resolved: saved!.resolved, sha256: saved!.side.sha256 } : { label, resolved: job.resolved, sha256: systemHash(job.resolved) };
}

/** Everything that changes the numbers and nothing that does not. */
function againOf(operands: readonly string[], { seed, seeds }: Luck, settings: Settings): string {
  const repeated = (name: string): string[] => settings.all(name).flatMap((value) => [`--${name}`, value]);
  return commandLine([
    'meshsim', 'compare', ...operands.map((operand) => (operand === '-' ? 'FILE' : operand)), ...repeated('vary'),
    '--seed', String(seed), '--reps', String(seeds.length), ...(settings.isOn('invariants') ? ['--invariants'] : []), ...(settings.isOn('why') ? ['--why'] : []), ...['duration', 'warmup', 'set', 'policy', 'min-effect'].flatMap(repeated),
  ]);
}

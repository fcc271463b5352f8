import { createHash } from 'node:crypto';
import type { Plan } from '../../model/plan.ts';
import { verificationText } from '../../report/verification.ts';
import { inRounds } from '../../run/rounds.ts';
import type { Job } from '../../run/task.ts';
import { Verifying } from '../../run/verify.ts';
import type { Verification } from '../../verify/verification.ts';
import type { Command } from '../command.ts';
import { colorOf, DISPLAY_FLAGS, displayFor, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { follow, SIGNAL_CODES } from '../follow.ts';
import { lookOf } from '../look.ts';
import { overridesOf } from '../overrides.ts';
import { deathOf, numberOf } from '../replication-settings.ts';
import { checkRunnable, refusalCode, refusalJson, tellProblems } from '../runnable.ts';
import { readScenario } from '../scenario-input.ts';
import type { Settings } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { timeScaleOf } from '../time-scale.ts';
import { UserError } from '../user-error.ts';

const REPS_MAX = 1000;

export const verify: Command = {
  doc: 'Run a scenario in the simulator and on real sockets, in turn, and tell whether they agree.',
  operand: '<file>',
  operandDoc: 'a scenario file; - reads standard input',
  examples: [
    { command: 'meshsim verify shop.yaml', doc: 'three repetitions of both; exit 6 when they disagree' },
    { command: 'meshsim verify shop.yaml --duration 5s --time-scale 10', doc: 'the first five seconds, ten times slower, where this machine is too slow or too busy' },
    { command: 'meshsim verify shop.yaml --no-calibrate', doc: 'against a simulator that knows nothing of sockets' },
  ],
  flags: [
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of the file; paths as in its problems' },
    { name: 'seed', value: 'n', group: 'Run', doc: "the repetitions' seeds come from it, instead of the file's seed" },
    { name: 'duration', value: 'time', group: 'Run', doc: "how long traffic arrives, such as 60s, instead of the file's duration" },
    { name: 'reps', value: 'n', default: '3', group: 'Run', doc: 'repetitions of each, two at least; more make the noise floor lower' },
    { name: 'time-scale', value: 'factor', group: 'Run', doc: 'on sockets everything takes this many times as long, and results are scaled back' },
    { name: 'no-calibrate', group: 'Run', doc: 'do not measure what the sockets of this machine add, and do not add it to the simulator' },
    { name: 'json', group: 'Output', doc: 'print the verification as one JSON document instead of the table' },
    ...DISPLAY_FLAGS,
  ],
  async run({ shell, operands, settings }) {
    const repetitions = numberOf('reps', settings.text('reps')!, REPS_MAX); // it has a default
    if (repetitions < 2) throw new UserError('usage', '--reps 1: it takes two at least, to tell noise from a difference');
    const timeScale = timeScaleOf(settings);
    const input = await readScenario(operands[0]!, shell); // the parser asks for exactly one
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const { problems, runnable } = checkRunnable(input, overridesOf(settings), []);
    tellProblems(problems, input, settings, shell);
    if (runnable === null) {
      if (settings.isOn('json')) shell.stdout.write(refusalJson(problems));
      return refusalCode(problems);
    }

    const { plan, resolved } = runnable;
    if (plan.isWarmupAuto) throw new UserError('usage', 'verify: both worlds are measured over the same time, and `warmup: auto` would be looked for in one; give a time, such as --set warmup=2s');
    const job: Job = { plan, resolved, sha256: createHash('sha256').update(input.bytes).digest('hex') };
    const verifying = new Verifying(job, { repetitions, timeScale, calibrates: !settings.isOn('no-calibrate') });
    const rounds = inRounds(verifying.rounds());
    const notes: string[] = [];
    const pool = await shell.runMany(rounds.tasks, { jobs: 1, onRetry: (task, error) => notes.push(deathOf(task, error)) });
    const display = displayFor({ ...plan, mode: 'real', runs: verifying.runs }, settings, shell);
    const { signal } = await follow(pool, { display, shell, isQuiet: settings.isOn('quiet'), notes }, rounds.read);
    const verification = verifying.verification();
    deliver(verification, againOf(operands[0]!, plan, settings), settings, shell);
    return signal !== null && !verification.complete ? SIGNAL_CODES[signal] : CODES[verification.verdict];
  },
};

const CODES: Readonly<Record<Verification['verdict'], ExitCode>> = {
  agree: ExitCode.ok, disagree: ExitCode.disagreement, inconclusive: ExitCode.inconclusive, unknown: ExitCode.inconclusive,
};

function deliver(verification: Verification, again: string, settings: Settings, shell: Shell): void {
  if (settings.isOn('json')) shell.stdout.write(`${JSON.stringify(verification, null, 2)}\n`);
  else shell.stdout.write(verificationText(verification, { ...lookOf(shell.stdout, shell.env, colorOf(settings)), again }));
}

/** Everything that changes the numbers and nothing that does not. */
function againOf(operand: string, plan: Plan, settings: Settings): string {
  const repeated = (name: string): string[] => settings.all(name).flatMap((value) => [`--${name}`, value]);
  return commandLine([
    'meshsim', 'verify', operand === '-' ? 'FILE' : operand, '--seed', String(plan.seed), ...['reps', 'time-scale', 'duration', 'set'].flatMap(repeated),
    ...(settings.isOn('no-calibrate') ? ['--no-calibrate'] : []),
  ]);
}

import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { NS_PER_MS } from '../../model/units.ts';
import { VERSION } from '../../model/version.ts';
import { explanation } from '../../report/tail/explanation.ts';
import { RESULT_SCHEMA, type Result } from '../../result/result.ts';
import type { PoolOptions } from '../../run/pool.ts';
import type { Job } from '../../run/task.ts';
import { pilotSeeds } from '../../run/warmup.ts';
import type { Command } from '../command.ts';
import { colorOf, DISPLAY_FLAGS, displayFor, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { follow, type Following, SIGNAL_CODES } from '../follow.ts';
import { findWarmup } from '../found-warmup.ts';
import { lookOf } from '../look.ts';
import { overridesOf } from '../overrides.ts';
import type { Subject } from '../progress.ts';
import { deathOf } from '../replication-settings.ts';
import { checkRunnable, refusalCode, refusalJson, tellProblems } from '../runnable.ts';
import { checkScenario, readScenario, type ScenarioInput } from '../scenario-input.ts';
import type { Settings } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { tornOf } from '../torn.ts';
import { UserError } from '../user-error.ts';

export const explain: Command = {
  doc: 'Tell where the slowest 1 % of the requests spent their time, against the median one, and who amplified.',
  operand: '<file>',
  operandDoc: 'a result.json of `meshsim run --out`, or a scenario file, which is run once; - reads standard input',
  examples: [
    { command: 'meshsim explain out/result.json', doc: 'of a run that was kept' },
    { command: 'meshsim explain shop.yaml', doc: 'run it once and explain that' },
    { command: "meshsim explain shop.yaml --set policies.default.retries=none", doc: 'and what another policy makes of it' },
  ],
  flags: [
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'of a scenario: change one value of the file; paths as in its problems' },
    { name: 'seed', value: 'n', group: 'Run', doc: "of a scenario: everything random comes from it, instead of the file's seed" },
    { name: 'json', group: 'Output', doc: 'print it as one JSON document' },
    ...DISPLAY_FLAGS,
  ],
  async run({ shell, operands, settings }) {
    const input = await readScenario(operands[0]!, shell); // the parser asks for exactly one
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const saved = resultIn(input);
    if (saved !== null) for (const name of ['set', 'seed']) if (settings.all(name).length > 0) throw new UserError('usage', `--${name} changes a scenario, and ${input.file} is the result of one`);
    const found = saved === null ? await runScenario(input, settings, shell) : saved.tail === undefined ? await runAgain(saved, input, settings, shell) : saved;
    if (typeof found === 'number') return found;
    const { digest, scenario, seed, tail } = found;
    if (tail === undefined) throw new UserError('input', `${input.file}: no request was measured, so there is nothing to explain`);
    if (settings.isOn('json')) shell.stdout.write(`${JSON.stringify({ scenario: scenario.name, seed, digest, tail }, null, 2)}\n`);
    else shell.stdout.write(explanation(tail, { ...lookOf(shell.stdout, shell.env, colorOf(settings)), name: scenario.name, seed }));
    return ExitCode.ok;
  },
};

/** Null where the file is a scenario. */
function resultIn({ file, text }: ScenarioInput): Result | null {
  if (!text.trimStart().startsWith('{')) return null;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const torn = tornOf(text, error);
    if (torn !== null) throw new UserError('input', `${file}: ${torn}`);
    return null;
  }
  const { schema } = document as { readonly schema?: unknown }; // a text that begins with a brace is an object
  if (typeof schema !== 'string' || !schema.startsWith('meshsim/')) return null;
  if (schema !== RESULT_SCHEMA) throw new UserError('input', `${file}: its schema is ${schema}; explain reads ${RESULT_SCHEMA} and scenarios`);
  const result = document as Result; // by its schema; what is read of it is looked at
  const { reps, scenario, seed, tail } = result;
  if (typeof scenario?.name !== 'string' || typeof seed !== 'number' || !Array.isArray(reps) || (tail !== undefined && !(Array.isArray(tail.places) && Array.isArray(tail.typical) && Array.isArray(tail.amplifiers)))) {
    throw new UserError('input', `${file}: figures are missing in it`);
  }
  return result;
}

/** A run whose requests were not followed says the same a second time. */
async function runAgain(saved: Result, input: ScenarioInput, settings: Settings, shell: Shell): Promise<Result | ExitCode> {
  const { file } = input;
  if (saved.mode === 'real') throw new UserError('input', `${file}: the run was not traced, and one on sockets cannot be had again; meshsim run --mode real --out keeps what explain needs`);
  if (saved.scenario.resolved === null) throw new UserError('input', `${file}: the run was not traced, and its scenario is not in the file`);
  if (!saved.complete) throw new UserError('input', `${file}: the run was not traced, and it ended early, so that it cannot be had again`);
  const { plan, problems } = checkScenario({ ...input, text: JSON.stringify(saved.scenario.resolved) }, []);
  if (plan === null) throw new UserError('input', `${file}: this version of meshsim (${VERSION}) does not read the scenario that meshsim ${saved.meshsim} kept there: ${problems[0]?.message ?? ''}`);
  if (!settings.isOn('quiet')) shell.stderr.write(`${file} was not traced: running its scenario again with seed ${saved.seed}\n`);
  const again = await runTraced({ plan: { ...plan, thresholds: [], warmupNs: saved.window.warmupMs * NS_PER_MS, isWarmupAuto: false }, resolved: null, sha256: '' }, saved.seed, settings, shell);
  if (typeof again === 'number') return again;
  const first = saved.reps[0];
  // Of several replications only the first is run again.
  const isSame = saved.reps.length === 1 ? again.digest === saved.digest : first !== undefined && isDeepStrictEqual(JSON.parse(JSON.stringify(again.totals)), first.totals);
  if (!isSame) {
    shell.stderr.write(`meshsim: the run is not the one of ${file}, which meshsim ${saved.meshsim} made; this is ${VERSION}\n`);
    return ExitCode.disagreement;
  }
  if (!settings.isOn('quiet')) shell.stderr.write(saved.reps.length === 1 ? `the same run: digest ${saved.digest}\n` : `the same run: the totals of its first replication agree\n`);
  return { ...again, digest: saved.digest, scenario: saved.scenario };
}

async function runScenario(input: ScenarioInput, settings: Settings, shell: Shell): Promise<Result | ExitCode> {
  const overrides = overridesOf(settings);
  const { problems, runnable } = checkRunnable(input, overrides, []);
  tellProblems(problems, input, settings, shell);
  if (runnable === null) {
    if (settings.isOn('json')) shell.stdout.write(refusalJson(problems));
    return refusalCode(problems);
  }
  const { plan, resolved } = runnable;
  const job: Job = { plan: { ...plan, thresholds: [] }, resolved, sha256: createHash('sha256').update(input.bytes).digest('hex') };
  const found = await findWarmup(job, ONE_RUN, () => following({ ...plan, name: `${plan.name} (pilot for the warm-up)`, runs: pilotSeeds(plan).length }, [], settings, shell));
  if (found.kind === 'stopped') return SIGNAL_CODES[found.signal];
  if (found.kind === 'problem') {
    const told = checkScenario(input, overrides, [found.problem]).problems.filter(({ code }) => code === found.problem.code);
    tellProblems(told, input, settings, shell);
    return refusalCode(told);
  }
  return runTraced(found.job, plan.seed, settings, shell);
}

const ONE_RUN: PoolOptions = { jobs: 1 };

/** The result of a run that was stopped tells of what it got to. */
async function runTraced(job: Job, seed: number, settings: Settings, shell: Shell): Promise<Result | ExitCode> {
  const notes: string[] = [];
  const task = { job, seed, trace: { share: 0 }, want: { kind: 'result' } } as const;
  const pool = await shell.runMany([task], { ...ONE_RUN, onRetry: (again, error) => notes.push(deathOf(again, error)) });
  const { value, signal } = await follow(pool, following({ ...job.plan, seed, runs: 1 }, notes, settings, shell), async (outcomes) => {
    for await (const { answer, error } of outcomes) {
      if (error !== undefined) throw Object.assign(error, { seed });
      return answer;
    }
    return null;
  });
  return value === null || signal !== null ? SIGNAL_CODES[signal ?? 'SIGINT'] : value;
}

function following(subject: Subject, notes: string[], settings: Settings, shell: Shell): Following {
  return { display: displayFor(subject, settings, shell), shell, isQuiet: settings.isOn('quiet'), notes };
}

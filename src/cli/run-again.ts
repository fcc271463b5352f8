/** `replay RESULT`: the run of a saved result once more, out of the scenario that is kept in it. */
import { formatDuration, parseDuration } from '../scenario/units.ts';
import { NS_PER_MS } from '../model/units.ts';
import { VERSION } from '../model/version.ts';
import { count, duration } from '../report/format.ts';
import { addInstant } from '../report/instant.ts';
import { Page } from '../report/page.ts';
import { REPORTERS } from '../report/registry.ts';
import { printable } from '../report/summary.ts';
import type { Instant } from '../result/instant.ts';
import type { Result } from '../result/result.ts';
import { replicate } from '../run/replicate.ts';
import { type Job, replications } from '../run/task.ts';
import { displayFor } from './display.ts';
import { ExitCode } from './exit-codes.ts';
import { follow, type Following, SIGNAL_CODES } from './follow.ts';
import { type ColorChoice, lookOf } from './look.ts';
import { deathOf, jobsOf } from './replication-settings.ts';
import { checkScenario } from './scenario-input.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';
import { UserError } from './user-error.ts';

export interface Saved {
  /** As the caller named it. */
  readonly file: string;
  readonly result: Result;
  readonly again: string;
}

export async function runAgain(saved: Saved, settings: Settings, shell: Shell): Promise<ExitCode> {
  const { file, result } = saved;
  const job = jobOf(saved);
  const atNs = instantOf(settings, result);
  const notes: string[] = [];
  const { plan } = job;
  const following = (runs: number): Following => ({ display: displayFor({ ...plan, runs }, settings, shell), shell, isQuiet: settings.isOn('quiet'), notes });
  const options = { jobs: jobsOf(settings), onRetry: (task: { readonly seed: number }, error: Error) => void notes.push(deathOf(task, error)) };
  const reps = result.reps.length;
  const runs = await follow(await shell.runMany(replications(job, reps, { kind: 'replication' }), options), following(reps), async (outcomes) => (await replicate(job, outcomes, { count: reps, precision: null })).result);
  if (runs.signal !== null) return SIGNAL_CODES[runs.signal];
  const again = runs.value;
  let instant: Instant | null = null;
  if (atNs !== null) {
    const looked = await follow(await shell.runMany([{ job, seed: plan.seed, want: { kind: 'instant', atNs } } as const], options), following(1), async (outcomes) => {
      for await (const { answer, error } of outcomes) {
        if (error !== undefined) throw Object.assign(error, { seed: plan.seed });
        return answer;
      }
      return null;
    });
    if (looked.signal !== null) return SIGNAL_CODES[looked.signal];
    instant = looked.value;
  }
  const isSame = again.digest === result.digest;
  if (result.meshsim !== VERSION) shell.stderr.write(`made by meshsim ${result.meshsim}, run again by ${VERSION}\n`);
  if (settings.isOn('json')) {
    const { scenario, seed, digest, meshsim } = result;
    shell.stdout.write(`${JSON.stringify({ same: isSame, scenario: scenario.name, mode: 'sim', seed, reps, madeBy: meshsim, digest, again: again.digest, ...(atNs === null ? {} : { instant }) }, null, 2)}\n`);
  } else shell.stdout.write(textOf({ ...saved, run: again, isSame, instant }, settings, shell));
  if (!isSame && !settings.isOn('quiet')) shell.stderr.write(`meshsim: the run is not the one of ${file}\n`);
  return isSame ? ExitCode.ok : ExitCode.disagreement;
}

/** @throws UserError where the run cannot be had again */
function jobOf({ file, result }: Saved): Job {
  const refuse = (why: string): never => {
    throw new UserError('input', `${file}: ${why}`);
  };
  const { complete, meshsim, mode, reps, scenario, seed, window } = result;
  if (mode === 'real') refuse('a run on sockets cannot be had again; `meshsim run --mode real --record TAPE` keeps what its policies were told, and `meshsim replay TAPE` has them decide again');
  if (scenario.resolved === null) refuse('its scenario is not in the file, so the run cannot be had again');
  if (!complete) refuse('the run ended early, so it cannot be had again to that event');
  const { notSimulated, plan, problems } = checkScenario({ file, bytes: new Uint8Array(), text: JSON.stringify(scenario.resolved) }, []);
  if (plan === null || notSimulated.length > 0) return refuse(`this version of meshsim (${VERSION}) does not read the scenario that meshsim ${meshsim} kept there: ${problems[0]?.message ?? ''}`);
  return { plan: { ...plan, seed, replications: reps.length, warmupNs: window.warmupMs * NS_PER_MS, isWarmupAuto: false }, resolved: scenario.resolved, sha256: scenario.sha256 };
}

/** `--at`, ns; null without. */
function instantOf(settings: Settings, { window }: Result): number | null {
  const text = settings.text('at');
  if (text === null) return null;
  const ns = parseDuration(text);
  const endNs = window.endMs * NS_PER_MS;
  if (ns === null) throw new UserError('usage', `--at ${text}: ${/^[\d.]+$/.test(text) ? `a time needs its unit: ${text}s or ${text}ms?` : `a time since the start of the run, such as ${formatDuration(Math.round(endNs / 2e9) * 1e9 || NS_PER_MS)}`}`);
  if (ns >= endNs) throw new UserError('usage', `--at ${text}: the run was over after ${duration(window.endMs)}`);
  return ns;
}

interface Told extends Saved {
  readonly run: Result;
  readonly isSame: boolean;
  readonly instant: Instant | null;
}

function textOf({ again, instant, isSame, result, run }: Told, settings: Settings, shell: Shell): string {
  const look = lookOf(shell.stdout, shell.env, settings.text('color') as ColorChoice); // one of the flag's choices
  const page = new Page(look);
  const { reps, scenario, seed } = result;
  page.verdict(isSame
    ? { mark: 'pass', word: 'SAME RUN', detail: `digest ${result.digest}` }
    : { mark: 'fail', word: 'ANOTHER RUN', detail: `digest ${run.digest} instead of ${result.digest}` });
  if (instant === null) return `${page.lines.join('\n')}\n\n${REPORTERS.terminal.render(run, { ...look, detail: 'compact', again, files: [] })}`;
  page.gap();
  page.title(printable(scenario.name), [`seed ${seed}`, `seed ${seed} · ${reps.length === 1 ? 'the run' : `the first of ${count(reps.length)} replications`} at ${duration(instant.atMs)}`]);
  page.gap();
  addInstant(page, instant, run, look.width);
  return `${page.lines.join('\n')}\n`;
}

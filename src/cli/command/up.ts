import { createHash } from 'node:crypto';
import type { Plan } from '../../model/plan.ts';
import { REPORTERS } from '../../report/registry.ts';
import { raiseInliningBudget } from '../../run/inlining.ts';
import type { Job } from '../../run/task.ts';
import { API } from '../../up/api-doc.ts';
import type { Mesh } from '../../up/mesh.ts';
import { openPlan, withIngress } from '../../up/open-plan.ts';
import type { Command } from '../command.ts';
import { colorOf, tellOrigins } from '../display.ts';
import { ExitCode } from '../exit-codes.ts';
import { SIGNAL_CODES } from '../follow.ts';
import { isLive, lookOf } from '../look.ts';
import { overridesOf } from '../overrides.ts';
import { PORT_MAX, portOf } from '../port.ts';
import { checkRunnable, refusalCode, type Runnable, tellProblems } from '../runnable.ts';
import { checkScenario, readScenario, type ScenarioInput } from '../scenario-input.ts';
import type { Settings } from '../settings.ts';
import type { Shell, Signal } from '../shell.ts';
import { commandLine } from '../shell-words.ts';
import { greeting, liveStatus, noStatus, plainStatus, type StatusDisplay } from '../up-display.ts';
import { UserError } from '../user-error.ts';

export const up: Command = {
  doc: 'Keep the mesh of a scenario running on real sockets, to be called and broken by hand, until Ctrl-C. Each service gets a URL; what is sent there goes through the policy that the file has for it. Nothing ends at `duration`, and nothing is judged.',
  operand: '<file>',
  operandDoc: 'a scenario file; - reads standard input',
  examples: [
    { command: 'meshsim up shop.yaml', doc: 'prints the URLs; then call them with curl or a load tester' },
    { command: 'meshsim up shop.yaml --traffic --port 8700', doc: "the file's traffic runs as well; the admin API is at 8700, the first service at 8701" },
    { command: `curl --json '{"for": "10s"}' http://127.0.0.1:8700/faults/slow-replica`, doc: 'switch a fault of the file on' },
    { command: `curl --json '{"target": "cart/1", "crash": true}' http://127.0.0.1:8700/faults`, doc: 'add one' },
  ],
  flags: [
    { name: 'set', value: 'path=value', repeats: true, group: 'Input', doc: 'change one value of the file; paths as in its problems' },
    { name: 'seed', value: 'n', group: 'Run', doc: "everything random comes from it, instead of the file's seed" },
    { name: 'traffic', group: 'Run', doc: "run the file's traffic, too; without it only calls from outside arrive" },
    { name: 'faults', group: 'Run', doc: "let the file's faults come at their times, counted from the start; without it they wait to be switched on" },
    { name: 'port', value: 'n', default: '0', group: 'Run', doc: "port of the admin API on 127.0.0.1; the services follow in the file's order; 0 leaves all of them to the system" },
    { name: 'summary', value: 'detail', choices: ['compact', 'full', 'none'], default: 'compact', group: 'Display', doc: 'how much to print at the end' },
    { name: 'quiet', group: 'Display', doc: 'no status line, warnings or notes' },
    { name: 'no-progress', group: 'Display', doc: 'no status line' },
    { name: 'color', value: 'when', choices: ['auto', 'always', 'never'], default: 'auto', group: 'Display', doc: 'colour' },
    { name: 'verbose', group: 'Display', doc: 'where each changed setting came from, and where a failure of ours happened' },
  ],
  notes: [
    { title: 'Admin API', rows: Object.entries(API) },
    {
      title: 'Answers of a service',
      rows: [
        ['status', 'that a proxy would give: 200, the error of the endpoint, 429, 503, 504'],
        ['meshsim-outcome', 'how the call ended: ok, error, timeout, overflow, breakerOpen and so on'],
        ['meshsim-attempts', 'how many there were, retries and hedges included'],
        ['meshsim-endpoint', 'which one answered or was tried last'],
      ],
    },
  ],
  async run({ shell, operands, settings }) {
    const input = await readScenario(operands[0]!, shell); // the parser asks for exactly one
    if (settings.isOn('verbose')) tellOrigins(settings, shell);
    const { runnable, problems } = checkRunnable(input, overridesOf(settings), []);
    tellProblems(problems, input, settings, shell);
    if (runnable === null) return refusalCode(problems);
    const plan = openedPlan(input, runnable, settings);
    const port = adminPortOf(settings, plan);

    raiseInliningBudget();
    const { bringUp } = await import('../../up/mesh.ts');
    const job: Job = { plan, resolved: runnable.resolved, sha256: createHash('sha256').update(input.bytes).digest('hex') };
    const mesh = await bringUp(job, port);
    shell.stdout.write(greeting(mesh));
    const { ending, signal } = await watch(mesh, settings, shell);

    const detail = settings.text('summary');
    const again = againOf(operands[0]!, settings, plan);
    if (detail !== 'none') shell.stdout.write(REPORTERS.terminal.render(mesh.result(), { ...lookOf(shell.stdout, shell.env, colorOf(settings)), detail: detail === 'full' ? 'full' : 'compact', again, unjudged: '`up` judges nothing; `meshsim run` judges thresholds', files: [] }));
    if (signal !== null) return SIGNAL_CODES[signal];
    return ending === 'complete' ? ExitCode.ok : ExitCode.inconclusive;
  },
};

/** Of a plan whose services can all be called from outside. */
function openedPlan(input: ScenarioInput, { plan, resolved }: Runnable, settings: Settings): Plan {
  const { plan: withSources, problems } = checkScenario({ ...input, text: withIngress(resolved, plan) }, []);
  // The file itself was fine; with all its defaults it may be longer than what is read.
  if (withSources === null) throw new UserError('input', `${input.file} cannot be opened: ${problems[0]?.message ?? ''}`);
  return openPlan(withSources, { traffic: settings.isOn('traffic'), faults: settings.isOn('faults') });
}

/** Of the admin API; the services follow it. */
function adminPortOf(settings: Settings, { services }: Plan): number {
  const port = portOf(settings);
  if (port > 0 && port + services.length > PORT_MAX) throw new UserError('usage', `--port ${port}: ${services.length} services follow it, and ports end at ${PORT_MAX}`);
  return port;
}

interface Watched {
  readonly ending: Awaited<ReturnType<Mesh['whenDown']>>;
  /** The first that was heard. */
  readonly signal: Signal | null;
}

const SECOND_MS = 1000;

/** Until it is down: the first signal takes it down, the second leaves at once. */
async function watch(mesh: Mesh, settings: Settings, shell: Shell): Promise<Watched> {
  let first: Signal | null = null;
  const ignore = shell.onSignal((signal) => {
    if (first !== null) shell.leave(SIGNAL_CODES[signal]);
    first = signal;
    mesh.stop();
  });
  const display = displayFor(mesh, settings, shell);
  const drawing = setInterval(() => display.update(mesh.status(), shell.now()), SECOND_MS);
  try {
    return { ending: await mesh.whenDown(), signal: first };
  } finally {
    clearInterval(drawing);
    ignore();
    display.end();
  }
}

function displayFor({ plan }: Mesh, settings: Settings, shell: Shell): StatusDisplay {
  if (settings.isOn('quiet') || settings.isOn('no-progress')) return noStatus;
  return isLive(shell.stderr, shell.env) ? liveStatus(shell.stderr, lookOf(shell.stderr, shell.env, colorOf(settings))) : plainStatus(shell.stderr, plan.name);
}

function againOf(operand: string, settings: Settings, { seed }: Plan): string {
  const switches = ['traffic', 'faults'].flatMap((name) => (settings.isOn(name) ? [`--${name}`] : []));
  const port = settings.text('port');
  // What came by standard input is not there to be read again.
  return commandLine(['meshsim', 'up', operand === '-' ? 'FILE' : operand, '--seed', String(seed), ...switches, ...(port === null || port === '0' ? [] : ['--port', port]), ...settings.all('set').flatMap((value) => ['--set', value])]);
}

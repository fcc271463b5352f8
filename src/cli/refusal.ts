/** A scenario that cannot be run, told wherever its result would have been: a job that reads a file is not left with none. */
import type { Problem } from '../scenario/problem.ts';
import { formatProblems } from '../scenario/problem.ts';
import { problemAnnotations } from './ci/annotation.ts';
import type { Ci } from './ci/ci.ts';
import type { ExitCode } from './exit-codes.ts';
import { type Outputs, writeOutputs } from './outputs.ts';
import { refusalCode, refusalJson, tellProblems } from './runnable.ts';
import type { ScenarioInput } from './scenario-input.ts';
import type { Settings } from './settings.ts';
import type { Shell } from './shell.ts';

export interface Refused {
  readonly input: ScenarioInput;
  readonly problems: readonly Problem[];
}

export interface Refusal {
  /** `meshsim run shop.yaml`; what is refused. */
  readonly command: string;
  readonly refused: readonly Refused[];
  readonly outputs: Outputs<unknown>;
  readonly ci: Ci;
  readonly settings: Settings;
  readonly shell: Shell;
}

export async function refuse({ command, refused, outputs, ci, settings, shell }: Refusal): Promise<ExitCode> {
  for (const { input, problems } of refused) tellProblems(problems, input, settings, shell);
  const problems = refused.flatMap((one) => one.problems);
  const { refusalComment, refusalJunit } = await import('../report/refusal.ts'); // a library that a run without reports has no use for
  const about = { command, files: refused.map(({ input, problems: own }) => ({ name: input.file, count: own.filter(({ severity }) => severity === 'error').length, text: formatProblems(own, input.text, { unicode: true }) })) };
  const texts: Readonly<Record<string, () => string>> = { json: () => refusalJson(problems), result: () => refusalJson(problems), junit: () => refusalJunit(about), markdown: () => refusalComment(about) };
  const { files, failures } = writeOutputs(outputs, ({ flag }) => texts[flag ?? '']?.() ?? null);
  const printed = outputs.printed === null ? undefined : texts[outputs.printed.flag ?? ''];
  if (printed !== undefined) shell.stdout.write(printed());
  for (const failure of failures) shell.stderr.write(`meshsim: ${failure}\n`);
  const code = refusalCode(problems);
  await ci.conclude({ code, isRefused: true, annotations: problemAnnotations(problems), markdown: async () => refusalComment(about), report: files[0]?.path ?? null });
  return code;
}

/** A scenario's text to a plan, or to everything that keeps it from being one. */
import type { Plan } from '../model/plan.ts';
import { checkPlan } from './check.ts';
import { type ScenarioDocument, sourceOfDocument } from './document.ts';
import { Locator } from './locate.ts';
import { applyOverrides, type Override } from './override.ts';
import type { Path } from './path.ts';
import { KEEPS_FROM_RUNNING, type Problem, sortProblems } from './problem.ts';
import { ProblemList } from './problem-list.ts';
import { resolvePlan } from './resolve.ts';
import { type ScenarioFile, scenario } from './scenario-schema.ts';
import { At, type Json, type JsonObject, type ReadContext } from './schema.ts';
import { readSource, type SourceNode } from './source.ts';

export interface ParseOptions {
  /** Name of the file, for messages and as the default of `name`. */
  readonly file?: string;
  /** Values that replace those of the file, in order. */
  readonly set?: readonly Override[];
  /** Text of a file named in the scenario; the path is as written there, relative to the scenario's folder. May throw. */
  readonly readFile?: (path: string) => string;
  /** Errors that only a run has shown, to be told with their places in the file. */
  readonly found?: readonly FoundProblem[];
  /** Code that the scenario may name: what is passed to `simulate` as well. Only its names are looked at. */
  readonly policies?: NamedCode;
}

export interface NamedCode {
  readonly balancers?: Readonly<Record<string, unknown>>;
  readonly retries?: Readonly<Record<string, unknown>>;
  readonly wrappers?: Readonly<Record<string, unknown>>;
}

export interface FoundProblem extends Pick<Problem, 'code' | 'message' | 'hint'> {
  /** Of what is wrong, such as `['warmup']`. */
  readonly path: Path;
}

export interface ParsedScenario {
  /** Null if there is any error. */
  readonly plan: Plan | null;
  /** The file with every default filled in, in the file's own units; null if there is any error. Parses to the same plan. */
  readonly resolved: unknown;
  /** Errors and warnings by position. */
  readonly problems: readonly Problem[];
  /** Those that keep it from being run: the file is valid, and a run would leave out what it asks for. */
  readonly notSimulated: readonly Problem[];
}

/**
 * Never throws, whatever the text.
 * @param scenario  the text of a file, or what it says as an object; problems of an object have paths, and no lines
 */
export function parseScenario(scenario: string | ScenarioDocument, options: ParseOptions = {}): ParsedScenario {
  const file = options.file ?? 'scenario.yaml';
  const problems = new ProblemList(file, typeof scenario === 'string' ? scenario : '');
  const read = readAll(scenario, file, options, problems);
  const sorted = sortProblems(problems.problems);
  return {
    plan: problems.hasErrors() ? null : (read?.plan ?? null),
    resolved: problems.hasErrors() ? null : (read?.resolved ?? null),
    problems: sorted,
    notSimulated: sorted.filter(({ code }) => KEEPS_FROM_RUNNING.has(code)),
  };
}

function readAll(text: string | ScenarioDocument, file: string, options: ParseOptions, problems: ProblemList): { readonly plan: Plan | null; readonly resolved: unknown } | null {
  const schema = scenario(baseName(file));
  const source = typeof text === 'string' ? readSource(text, null, problems) : sourceOfDocument(text);
  if (source === null) {
    if (!problems.hasErrors()) problems.add('missing-key', [], { start: 0, end: 0, flag: null }, 'the file is empty', { hint: '`meshsim init` writes a first one' });
    return null;
  }
  const root: SourceNode = source.kind === 'map' ? applyOverrides(source, options.set ?? [], schema, problems) : source;
  const { balancers = {}, retries = {}, wrappers = {} } = options.policies ?? {};
  const own = { balancers: Object.keys(balancers), retries: Object.keys(retries), wrappers: Object.keys(wrappers) };
  const context: ReadContext = { problems, readFile: options.readFile ?? refuseFiles, root: () => schema, own };
  if (root.kind !== 'map') {
    problems.add('wrong-type', [], root.span, 'a scenario is a map of keys such as `services`, `traffic` and `duration`', { hint: 'the files in scenarios/ are some' });
    return null;
  }
  const { value, file: resolved } = schema.read(new At(root, [], context));
  const locator = new Locator(root);
  const plan = resolvePlan(value, locator, context);
  if (plan !== null) checkPlan(value, plan, locator, problems);
  for (const { code, path, message, hint } of options.found ?? []) problems.add(code, path, locator.value(path), message, { hint });
  return { plan, resolved: plan === null ? null : withPolicies(resolved as JsonObject, value) };
}

/** A service's policy is a default that depends on the whole file. */
function withPolicies(resolved: JsonObject, { services, policies }: ScenarioFile): JsonObject {
  const usual = policies.some(({ name }) => name === 'default') ? 'default' : 'none';
  const read = (resolved['services'] ?? {}) as Readonly<Record<string, JsonObject>>;
  return { ...resolved, services: Object.fromEntries(services.map(({ name }) => [name, { ...read[name], policy: read[name]?.['policy'] ?? usual } as Json])) };
}

function refuseFiles(): string {
  throw new Error('files cannot be read here');
}

/** `dir/checkout.yaml` as `checkout`. */
function baseName(file: string): string {
  const name = file.split(/[/\\]/).at(-1)!.replace(/\.(ya?ml|json)$/i, '');
  return name === '' || name === '-' ? 'scenario' : name;
}

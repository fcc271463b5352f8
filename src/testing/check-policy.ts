/** The search for a counter-example, from within a test. */
import fc from 'fast-check';
import { arbCase, type CaseShape } from '../check/arbitrary/case.ts';
import { arbScenario, type ScenarioOptions } from '../check/arbitrary/scenario.ts';
import type { Section } from '../check/simplify/simplifications.ts';
import { headlineOf, storyOf } from '../check/story.ts';
import { recoveryNsWithin } from '../invariant/recovers.ts';
import { OwnPolicyError } from '../model/own-policy-error.ts';
import { NS_PER_MS } from '../model/units.ts';
import type { OwnPolicies } from '../own/policies.ts';
import { recoverWithinNsOf, type ScenarioRun, runScenario, runScenarioAsync } from '../run/scenario-run.ts';
import { documentOf, documentText, type ScenarioDocument } from '../scenario/document.ts';
import { isRunnable, planOfDocument } from '../scenario/document-plan.ts';
import { parseScenario } from '../scenario/parse.ts';
import { formatProblems } from '../scenario/problem.ts';
import type { JsonObject } from '../scenario/schema.ts';
import { didYouMean } from '../scenario/suggest.ts';
import { type Broken, Properties, type Property } from './property.ts';

export interface CheckOptions extends Omit<CaseShape, 'asItIs' | 'policies'>, Omit<ScenarioOptions, 'asItIs' | 'policy' | 'policies'> {
  /** Cases to try, a whole number of 1 or more; 1000 unless given. */
  readonly numRuns?: number;
  /** Of the search: the same seed draws the same cases. Drawn anew for each search unless given; a failure names it. */
  readonly seed?: number;
  /** With `seed`: straight to a counter-example that was found, such as `'12:0:3'`. */
  readonly path?: string;
  /** Ends the search early, ms; what was not tried by then is not tried. */
  readonly interruptAfterTimeLimit?: number;
  /** The code that the scenario or the policy names: `docs/own-policies.md`. */
  readonly policies?: OwnPolicies;
  /** Of the invariant `recovers`: how long after the last fault the system may take, such as `'5s'`. */
  readonly recoverWithin?: string;
}

const OPTIONS: Readonly<Record<keyof CheckOptions, true>> = {
  faults: true, interruptAfterTimeLimit: true, numRuns: true, path: true, policies: true, recoverWithin: true, replicas: true, requests: true, seed: true, services: true, sources: true, targets: true,
};

export interface Checked {
  /** Cases that were tried, and in which it held. */
  readonly cases: number;
  readonly seed: number;
}

/** Draws that were all skipped, after which it is no bad luck any more. */
const SKIPPED_MOST = 1000;

/**
 * Searches for a scenario in which the property does not hold, and throws the simplest it finds. Nothing found is no proof; what it returns says how much was tried.
 *
 * - Of a scenario (its YAML, or an object) services and policies stay, and loads, faults and seeds are drawn: `arbCase`.
 * - A policy alone is that of every call in meshes that are drawn as well: `arbScenario({ policy })`.
 *
 * What is shrunk away has no part in the failure: unless all that is asked are invariants other than `recovers`, policies stay as they are, and so do the services of a scenario and who asks them; for `recovers` the load, too.
 *
 * @throws Error whose message is the story of the counter-example, its file, and the seed and path that lead to it; with the error of a property or a policy that throws as its cause.
 *   Error, too, for a scenario, a property or an option that makes no sense, and where nothing was tried
 */
export function checkPolicy(subject: ScenarioDocument | JsonObject | string, property: Property, options: CheckOptions = {}): Checked {
  const search = new Search(subject, property, options);
  const look = (scenario: ScenarioDocument): Broken | null => {
    const asked = search.asked(scenario);
    let run: ScenarioRun;
    try {
      run = runScenario(asked, options.policies, options);
      const broken = search.properties.brokenIn(run);
      if (broken !== null) return broken;
    } catch (error) {
      return search.brokenBy(error);
    }
    search.mustTell(run);
    return null;
  };
  const details = fc.check(fc.property(search.cases, (scenario) => search.judge(scenario, look(scenario))), search.parameters);
  const [found] = details.counterexample ?? [];
  return search.outcome('checkPolicy', details, found === undefined ? null : look(found));
}

/** As `checkPolicy`, with code that is asynchronous (a `wrapper`, a property that returns a promise), and without invariants, which are about what the engine decides. */
export async function checkPolicyAsync(subject: ScenarioDocument | JsonObject | string, property: Property, options: Omit<CheckOptions, 'recoverWithin'> = {}): Promise<Checked> {
  const search = new Search(subject, property, options);
  if (search.properties.invariants.length > 0) throw new Error(`the invariant \`${search.properties.invariants[0]}\` is about what the engine decides, and a wrapper decides instead: ask for a threshold, or give a function of the run`);
  const look = async (scenario: ScenarioDocument): Promise<Broken | null> => {
    const asked = search.asked(scenario);
    try {
      return await search.properties.brokenInAsync(await runScenarioAsync(asked, options.policies));
    } catch (error) {
      return search.brokenBy(error);
    }
  };
  const details = await fc.check(fc.asyncProperty(search.cases, async (scenario) => search.judge(scenario, await look(scenario))), search.parameters);
  const [found] = details.counterexample ?? [];
  return search.outcome('checkPolicyAsync', details, found === undefined ? null : await look(found));
}

/** What a search asks of its cases, and what it says in the end. */
class Search {
  readonly properties: Properties;
  readonly cases: fc.Arbitrary<ScenarioDocument>;
  readonly parameters: fc.Parameters<[ScenarioDocument]>;
  private readonly policies: OwnPolicies;
  private readonly recoverWithinNs: number | null;
  private last: { readonly scenario: ScenarioDocument; readonly broken: Broken } | null = null;
  /** Thrown by what is asked, and about none of the cases. */
  private mistake: unknown = null;
  private hasTried: boolean = false;
  private skipped: number = 0;
  /** Why the last draw was not tried. */
  private because: string = '';

  constructor(subject: ScenarioDocument | JsonObject | string, property: Property, options: CheckOptions) {
    const { interruptAfterTimeLimit, numRuns = 1000, path, policies = {}, recoverWithin, seed } = options;
    const strange = Object.keys(options).find((name) => !Object.hasOwn(OPTIONS, name));
    if (strange !== undefined) throw new Error(`there is no option \`${strange}\`: ${didYouMean(strange, Object.keys(OPTIONS)) ?? `there are ${Object.keys(OPTIONS).join(', ')}`}`);
    if (!(Number.isInteger(numRuns) && numRuns >= 1)) throw new Error(`nothing would be tried: \`numRuns\` is a whole number of 1 or more, and ${numRuns} is none`);
    this.policies = policies;
    this.properties = new Properties(property, recoverWithin);
    this.recoverWithinNs = recoverWithin === undefined ? null : recoverWithinNsOf(recoverWithin);
    this.cases = arbCases(subject, this.properties, options);
    this.parameters = { numRuns, ...(seed === undefined ? {} : { seed }), ...(path === undefined ? {} : { path }), ...(interruptAfterTimeLimit === undefined ? {} : { interruptAfterTimeLimit }) };
  }

  /** The case as it is run. */
  asked(scenario: ScenarioDocument): ScenarioDocument {
    const asked = this.properties.asked(scenario);
    // A threshold may name a service that was not drawn, or was shrunk away.
    if (this.properties.thresholds.length > 0 && !isRunnable(asked, this.policies)) this.skip(`the threshold cannot be asked of the scenarios that are drawn: ${problemOf(asked, this.policies)}`);
    return asked;
  }

  private skip(because: string): never {
    this.because = because;
    throw new fc.PreconditionFailure(++this.skipped === SKIPPED_MOST && !this.hasTried);
  }

  /** A run in which nothing is broken and that says nothing of what is asked is none. */
  mustTell(run: ScenarioRun): void {
    if (this.properties.asksForRecovery && recoveryNsWithin(this.recoverWithinNs!, run.plan, run.result.series) === null) { // it came with `recovers`
      this.skip('no scenario that is drawn has a fault with requests before it and for `recoverWithin` after it');
    }
  }

  /** Code that came with the run and fails is a counter-example; anything else that is thrown is about none of the cases, and ends the search. */
  brokenBy(error: unknown): Broken {
    if (error instanceof OwnPolicyError) return failedPolicy(error);
    if (fc.PreconditionFailure.isFailure(error)) this.skip('the property leaves out all that is drawn (`fc.pre`)');
    this.mistake = error;
    throw new fc.PreconditionFailure(true);
  }

  judge(scenario: ScenarioDocument, broken: Broken | null): void {
    this.hasTried = true;
    if (broken === null) return;
    this.last = { scenario: this.asked(scenario), broken };
    throw new Error(broken.failure.message);
  }

  /** @param again  what is broken when the counter-example is run again; null without one, and where nothing is */
  outcome(searching: string, details: fc.RunDetails<[ScenarioDocument]>, again: Broken | null): Checked {
    if (this.mistake !== null) throw this.mistake;
    if (this.last === null) {
      if (details.numRuns === 0) throw new Error(`nothing was tried: ${this.skipped > 0 ? this.because : details.interrupted ? 'the time was over before the first case' : 'the path leads to no case'}`);
      return { cases: details.numRuns, seed: details.seed };
    }
    throw counterExample(this.last.scenario, again ?? this.last.broken, {
      ...(again === null ? { unsteady: 'This is what happened the first time. It did not repeat when the same scenario was run again: the code or the property depends on more than the run.' } : {}),
      tried: `after ${details.numRuns} case${details.numRuns === 1 ? '' : 's'} · shrunk ${details.numShrinks} times`,
      again: `${searching}(…, { seed: ${details.seed}, path: ${JSON.stringify(details.counterexamplePath)} })`,
    });
  }
}

function arbCases(subject: ScenarioDocument | JsonObject | string, properties: Properties, { faults, policies, replicas, requests, services, sources, targets }: CheckOptions): fc.Arbitrary<ScenarioDocument> {
  const given = <T>(key: string, value: T | undefined): { readonly [name: string]: T } => (value === undefined ? {} : { [key]: value });
  const shared = { ...given('faults', faults), ...given('policies', policies), ...given('requests', requests) };
  // What is as it was before is a question of many requests: of a few, one that is slow by chance says that it is not.
  const keeps: readonly Section[] = properties.asksOnlyInvariants ? [] : ['policies', 'services', 'sources', ...(properties.asksForRecovery ? ['load' as const] : [])];
  const scenario = typeof subject === 'string' ? scenarioOf(subject, policies) : isScenario(subject) ? subject : null;
  if (scenario === null) return arbScenario({ policy: subject as JsonObject, asItIs: keeps.filter((section) => section !== 'services' && section !== 'sources'), ...shared, ...given('replicas', replicas), ...given('services', services), ...given('sources', sources) });
  const calm = properties.asked({ ...scenario, thresholds: [] });
  planOfDocument(calm, policies);
  return arbCase(scenario, { ...shared, ...given('targets', targets), asItIs: keeps });
}

/** The first thing that is wrong with a scenario that is not runnable. */
function problemOf(scenario: ScenarioDocument, policies: OwnPolicies): string {
  const { notSimulated, problems } = parseScenario(scenario, { policies });
  return [...problems.filter(({ severity }) => severity === 'error'), ...notSimulated][0]!.message;
}

function isScenario(subject: ScenarioDocument | JsonObject): subject is ScenarioDocument {
  return 'services' in subject;
}

function scenarioOf(text: string, policies: OwnPolicies = {}): ScenarioDocument {
  const { plan, problems } = parseScenario(text, { policies });
  if (plan === null) throw new Error(`the scenario has problems\n${formatProblems(problems, text, { unicode: true })}`);
  return documentOf(text);
}

/**
 * A predicate of scenarios for `fc.property`: it throws the story of a scenario in which the property does not hold.
 *
 *     fc.assert(fc.property(arbScenario(), holds('settles-once')));
 */
export function holds(property: Property, { policies, ...options }: Pick<CheckOptions, 'policies' | 'recoverWithin'> = {}): (scenario: ScenarioDocument) => void {
  const properties = new Properties(property, options.recoverWithin);
  return (scenario) => {
    const asked = properties.asked(scenario);
    let broken: Broken | null;
    try {
      broken = properties.brokenIn(runScenario(asked, policies, options));
    } catch (error) {
      if (!(error instanceof OwnPolicyError)) throw error;
      broken = failedPolicy(error);
    }
    if (broken !== null) throw counterExample(asked, broken, {});
  };
}

function failedPolicy(error: OwnPolicyError): Broken {
  return { failure: { kind: 'policy', name: error.policy, message: error.message, atNs: error.atMs * NS_PER_MS }, requests: null, cause: error };
}

function counterExample(scenario: ScenarioDocument, { cause, failure, requests }: Broken, { again, tried, unsteady }: { readonly again?: string; readonly tried?: string; readonly unsteady?: string }): Error {
  const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`.trimEnd()).join('\n');
  const parts = [
    `${headlineOf(failure)}${tried === undefined ? '' : `     ${tried}`}`,
    indented(storyOf(scenario, failure, requests)),
    ...(unsteady === undefined ? [] : [indented([unsteady])]),
    ...(again === undefined ? [] : [indented([`again   ${again}`])]),
    `${indented(['the scenario, for `meshsim run`:'])}\n${indented(documentText(scenario).trimEnd().split('\n').map((line) => `  ${line}`))}`,
  ];
  return new Error(parts.join('\n\n'), cause === undefined ? {} : { cause });
}

/** The search for a counter-example, from within a test. */
import fc from 'fast-check';
import { arbCase, type CaseShape } from '../check/arbitrary/case.ts';
import { arbScenario, type ScenarioOptions } from '../check/arbitrary/scenario.ts';
import type { Section } from '../check/simplify/simplifications.ts';
import { headlineOf, storyOf } from '../check/story.ts';
import { documentOf, documentText, type ScenarioDocument } from '../scenario/document.ts';
import { isRunnable, planOfDocument } from '../scenario/document-plan.ts';
import { parseScenario } from '../scenario/parse.ts';
import { formatProblems } from '../scenario/problem.ts';
import type { JsonObject } from '../scenario/schema.ts';
import { type Broken, Properties, type Property } from './property.ts';

export interface CheckOptions extends Omit<CaseShape, 'asItIs'>, Omit<ScenarioOptions, 'policy'> {
  /** Cases to try; 1000 unless given. */
  readonly numRuns?: number;
  /** Of the search: the same seed draws the same cases. Drawn anew for each search unless given; a failure names it. */
  readonly seed?: number;
  /** With `seed`: straight to a counter-example that was found, such as `'12:0:3'`. */
  readonly path?: string;
  /** Ends the search early, ms; what was not tried by then is not tried. */
  readonly interruptAfterTimeLimit?: number;
}

export interface Checked {
  /** Cases that were tried, and in which it held. */
  readonly cases: number;
  readonly seed: number;
}

/**
 * Searches for a scenario in which the property does not hold, and throws the simplest it finds. Nothing found is no proof; what it returns says how much was tried.
 *
 * - Of a scenario (its YAML, or an object) services and policies stay, and loads, faults and seeds are drawn: `arbCase`.
 * - A policy alone is that of every call in meshes that are drawn as well: `arbScenario({ policy })`.
 *
 * What is shrunk away has no part in the failure: unless all that is asked are invariants, policies stay as they are, and so do the services of a scenario.
 *
 * @throws Error whose message is the story of the counter-example, its file, and the seed and path that lead to it; with the error of a property that throws as its cause.
 *   Error, too, for a scenario or a property that makes no sense
 */
export function checkPolicy(subject: ScenarioDocument | JsonObject | string, property: Property, options: CheckOptions = {}): Checked {
  const properties = new Properties(property);
  const cases = arbCases(subject, properties, properties.asksOnlyInvariants ? [] : ['policies', 'services'], options);
  let last: { readonly scenario: ScenarioDocument; readonly broken: Broken } | null = null;
  const { numRuns = 1000, seed, path, interruptAfterTimeLimit } = options;
  const details = fc.check(
    fc.property(cases, (scenario) => {
      const asked = properties.asked(scenario);
      // A threshold may name a service that was shrunk away.
      fc.pre(properties.thresholds.length === 0 || isRunnable(asked));
      const broken = properties.brokenIn(asked);
      if (broken === null) return;
      last = { scenario: asked, broken };
      throw new Error(broken.failure.message);
    }),
    { numRuns, ...(seed === undefined ? {} : { seed }), ...(path === undefined ? {} : { path }), ...(interruptAfterTimeLimit === undefined ? {} : { interruptAfterTimeLimit }) },
  );
  if (!details.failed || details.counterexample === null) return { cases: details.numRuns, seed: details.seed };
  const scenario = properties.asked(details.counterexample[0]);
  const broken = properties.brokenIn(scenario);
  // The property answers otherwise when it is asked again: what it said then is all there is.
  const found: { readonly scenario: ScenarioDocument; readonly broken: Broken } = broken === null ? last! : { scenario, broken };
  throw counterExample(found.scenario, found.broken, {
    tried: `after ${details.numRuns} case${details.numRuns === 1 ? '' : 's'} · shrunk ${details.numShrinks} times`,
    again: `checkPolicy(…, { seed: ${details.seed}, path: ${JSON.stringify(details.counterexamplePath)} })`,
  });
}

function arbCases(subject: ScenarioDocument | JsonObject | string, properties: Properties, asItIs: readonly Section[], { faults, replicas, requests, services, sources, targets }: CheckOptions): fc.Arbitrary<ScenarioDocument> {
  const given = <T>(key: string, value: T | undefined): { readonly [name: string]: T } => (value === undefined ? {} : { [key]: value });
  const shared = { ...given('faults', faults), ...given('requests', requests) };
  const scenario = typeof subject === 'string' ? scenarioOf(subject) : isScenario(subject) ? subject : null;
  if (scenario === null) return arbScenario({ policy: subject as JsonObject, ...shared, ...given('replicas', replicas), ...given('services', services), ...given('sources', sources) });
  const calm = properties.asked({ ...scenario, thresholds: [] });
  planOfDocument(calm);
  return arbCase(scenario, { ...shared, ...given('targets', targets), asItIs });
}

function isScenario(subject: ScenarioDocument | JsonObject): subject is ScenarioDocument {
  return 'services' in subject;
}

function scenarioOf(text: string): ScenarioDocument {
  const { plan, problems } = parseScenario(text);
  if (plan === null) throw new Error(`the scenario has problems\n${formatProblems(problems, text, { unicode: true })}`);
  return documentOf(text);
}

/**
 * A predicate of scenarios for `fc.property`: it throws the story of a scenario in which the property does not hold.
 *
 *     fc.assert(fc.property(arbScenario(), holds('settles-once')));
 */
export function holds(property: Property): (scenario: ScenarioDocument) => void {
  const properties = new Properties(property);
  return (scenario) => {
    const asked = properties.asked(scenario);
    const broken = properties.brokenIn(asked);
    if (broken !== null) throw counterExample(asked, broken, {});
  };
}

function counterExample(scenario: ScenarioDocument, { cause, failure, requests }: Broken, { again, tried }: { readonly again?: string; readonly tried?: string }): Error {
  const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`.trimEnd()).join('\n');
  const parts = [
    `${headlineOf(failure)}${tried === undefined ? '' : `     ${tried}`}`,
    indented(storyOf(scenario, failure, requests)),
    ...(again === undefined ? [] : [indented([`again   ${again}`])]),
    `${indented(['the scenario, for `meshsim run`:'])}\n${indented(documentText(scenario).trimEnd().split('\n').map((line) => `  ${line}`))}`,
  ];
  return new Error(parts.join('\n\n'), cause === undefined ? {} : { cause });
}

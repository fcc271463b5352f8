/** Small scenarios of every kind: what users have as `meshsim/testing`. */
import type fc from 'fast-check';
import { arbScenario } from '../../src/check/arbitrary/scenario.ts';

export type ScenarioObject = Readonly<Record<string, unknown>>;

/** One to four services that call only later ones, one or two sources, up to three faults; about a second of time. */
export const randomScenario: fc.Arbitrary<ScenarioObject> = arbScenario();

/** Checks that need the whole scenario: values that are each fine and make no sense together. */
import type { Plan } from '../model/plan.ts';
import type { Locator } from './locate.ts';
import type { ProblemList } from './problem-list.ts';
import type { ScenarioFile } from './scenario-schema.ts';

export function checkPlan(_file: ScenarioFile, _plan: Plan, _locator: Locator, _problems: ProblemList): void {}

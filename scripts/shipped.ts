/** The scenarios that come with the package, as everything that goes over all of them gets them. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Plan } from '../src/model/plan.ts';
import type { Result } from '../src/result/result.ts';
import { simulate } from '../src/run/run.ts';
import { parseScenario } from '../src/scenario/parse.ts';

const FOLDER = 'scenarios';

export interface Shipped {
  /** Of the file, without its ending. */
  readonly name: string;
  /** From the root of the project. */
  readonly path: string;
  readonly text: string;
  readonly sha256: string;
}

/** By name, in an order that does not depend on the machine. Those of the museum are for themselves: `scenarios/museum`. */
export function shippedScenarios(root = '.', folder: string = FOLDER): Shipped[] {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => file.slice(0, -'.yaml'.length))
    .sort()
    .map((name) => {
      const path = `${folder}/${name}.yaml`;
      const bytes = readFileSync(join(root, path));
      return {
        name,
        path,
        text: new TextDecoder().decode(bytes),
        sha256: createHash('sha256').update(bytes).digest('hex'),
      };
    });
}

export interface ShippedPlan {
  readonly plan: Plan;
  readonly resolved: unknown;
}

/** @param set  values in place of the file's: `{ 'policies.client.loadBalancer': 'roundRobin' }` */
export function planOf({ path, text }: Shipped, set: Readonly<Record<string, string>> = {}, root = '.'): ShippedPlan {
  const { plan, resolved, problems, notSimulated } = parseScenario(text, {
    file: path,
    set: Object.entries(set).map(([key, value]) => ({ path: key, value })),
    readFile: (file) => readFileSync(resolve(root, FOLDER, file), 'utf8'),
  });
  if (plan === null || notSimulated.length > 0) throw new Error(`${path}: ${problems.map(({ message }) => message).join('; ')}`);
  return { plan, resolved };
}

export function run(scenario: Shipped, set: Readonly<Record<string, string>> = {}, root = '.'): Result {
  const { plan, resolved } = planOf(scenario, set, root);
  return simulate(plan, { resolved, sha256: scenario.sha256 });
}

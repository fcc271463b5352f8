/** Stands in for `src/scenario/scenario-schema.ts` until it exists. */
export function scenarioSchema(): object {
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' };
}

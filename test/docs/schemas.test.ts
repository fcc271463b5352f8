/** The schemas that ship are what the descriptions say, and every result that we make is as its schema has it. */
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { differenceIn } from '../../scripts/reference-reports.ts';
import { RESULT_SCHEMA_FILE, resultSchema, SCENARIO_SCHEMA_FILE, scenarioSchemaText } from '../../scripts/schemas.ts';

test.each([
  [SCENARIO_SCHEMA_FILE, scenarioSchemaText],
  [RESULT_SCHEMA_FILE, resultSchema],
])('%s is up to date', (path, text) => expect(differenceIn({ path, text: text() }), 'npm run docs').toBeNull());

interface Described {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Described>>;
}

test('what the types say of a field is in the schema', () => {
  const schema = JSON.parse(resultSchema()) as Described;
  expect(schema.properties!['complete']!.description).toBe('False when the run was stopped early.');
  expect(schema.properties!['totals']!.properties!['goodput']!.description).toBe('ok per second of the measured window.');
});

test.each(readdirSync('reports', { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => name))('the result of %s is as its schema has it', (name) => {
  const validate = new Ajv2020({ strict: false }).compile(JSON.parse(resultSchema()) as object);
  validate(JSON.parse(readFileSync(`reports/${name}/result.json`, 'utf8')));
  expect(validate.errors).toBeNull();
});

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseScenario } from '../../src/scenario/parse.ts';
import { scenarioSchema } from '../../src/scenario/scenario-schema.ts';
import { INVALID, VALID } from './corpus.ts';

const schema = scenarioSchema() as Readonly<Record<string, unknown>>;
const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false, strictTypes: false });
const validate = ajv.compile(schema);

describe('the JSON Schema', () => {
  it.each(Object.entries(VALID))('accepts what the parser accepts: %s', (_, text) => {
    validate(parse(text));
    expect(validate.errors).toBeNull();
    expect(parseScenario(text).problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it.each(Object.entries(VALID))('accepts the resolved copy: %s', (_, text) => {
    validate(parseScenario(text).resolved);
    expect(validate.errors).toBeNull();
  });

  it.each(Object.entries(INVALID))('refuses what the parser refuses: %s', (_, text) => {
    expect(validate(parse(text))).toBe(false);
    expect(parseScenario(text).plan).toBeNull();
  });

  it('describes every property, with examples that fit it', () => {
    const poor: string[] = [];
    visit(schema, '', (node, path) => {
      if (typeof node['description'] !== 'string' || !Array.isArray(node['examples'])) return poor.push(path);
      const fits = ajv.compile({ ...node, $defs: schema['$defs'] });
      for (const example of node['examples']) if (!fits(example)) poor.push(`${path}: ${JSON.stringify(example)}`);
      if ('default' in node && !fits(node['default'])) poor.push(`${path}: default ${JSON.stringify(node['default'])}`);
      return 0;
    });
    expect(poor).toEqual([]);
  });

  it('has named parts for the help of messages', () => {
    expect(Object.keys(schema['$defs'] as object)).toEqual(expect.arrayContaining(['policy', 'service', 'traffic', 'fault', 'retries', 'distribution', 'duration', 'rate', 'ratio']));
  });
});

function visit(node: unknown, path: string, see: (property: Readonly<Record<string, unknown>>, path: string) => unknown): void {
  if (node === null || typeof node !== 'object') return;
  for (const [key, value] of Object.entries(node)) {
    if (key === 'properties') for (const [name, property] of Object.entries(value as object)) see(property, `${path}.${name}`);
    if (key !== 'examples' && key !== 'default') visit(value, key === 'properties' || key === 'anyOf' ? path : `${path}.${key}`, see);
  }
}

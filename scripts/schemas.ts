/**
 * The JSON Schemas that ship. That of scenarios is what the parser says of itself. That of results is made from the description that stored
 * results are read by, and from the comments of their types, so that a field is described once.
 */
import { readFileSync } from 'node:fs';
import { toJsonSchema } from '@valibot/to-json-schema';
import { RESULT_SHAPE } from '../src/result/read-result.ts';
import { scenarioSchema } from '../src/scenario/scenario-schema.ts';

export const SCENARIO_SCHEMA_FILE = 'schema/scenario.schema.json';
export const RESULT_SCHEMA_FILE = 'schema/result.schema.json';

export function scenarioSchemaText(): string {
  return `${JSON.stringify(scenarioSchema(), null, 2)}\n`;
}

export function resultSchema(): string {
  // What only code can check, such as that causes sum to failures, a schema cannot say.
  const schema = toJsonSchema(RESULT_SHAPE, { errorMode: 'ignore', target: 'draft-2020-12' }) as Node;
  schema.properties!['schema'] = { type: 'string', pattern: '^meshsim/result/1(\\.\\d+)?$' };
  describe(schema, 'Result', interfacesIn('src/result/result.ts'));
  return `${JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'Result of a meshsim run', ...withoutDialect(schema) }, null, 2)}\n`;
}

interface Node {
  $schema?: string;
  description?: string;
  properties?: Record<string, Node>;
  items?: Node;
  additionalProperties?: Node | boolean;
  [key: string]: unknown;
}

interface Member {
  readonly doc: string | null;
  readonly type: string;
}

type Interfaces = ReadonlyMap<string, ReadonlyMap<string, Member>>;

/** The members of each exported interface, with those that it extends, by name. */
function interfacesIn(path: string): Interfaces {
  const source = readFileSync(path, 'utf8');
  const found = new Map<string, Map<string, Member>>();
  for (const [, name, parent, body] of source.matchAll(/^export interface (\w+)(?: extends (\w+))? \{\n(.*?)^\}/gms)) {
    const members = new Map(found.get(parent ?? ''));
    for (const [, doc, member, type] of body!.matchAll(/^ {2}(?:\/\*\*(.*?)\*\/\n {2})?readonly (\w+)\??: ([^\n]*)/gms)) {
      members.set(member!, { doc: doc === undefined ? null : sentence(doc), type: type! });
    }
    found.set(name!, members);
  }
  return found;
}

function sentence(comment: string): string {
  return comment.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
}

/** Adds what the comments say, along the types that members have. */
function describe(node: Node, type: string, interfaces: Interfaces): void {
  const members = interfaces.get(type);
  if (members === undefined) return;
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    const member = members.get(name);
    if (member === undefined) continue;
    if (member.doc !== null) property.description = member.doc;
    const inner = [...member.type.matchAll(/\b[A-Z]\w+/g)].map(([word]) => word).find((word) => interfaces.has(word));
    if (inner !== undefined) describe(elementOf(property), inner, interfaces);
  }
}

/** Of a list or a record: what is in it. */
function elementOf(node: Node): Node {
  if (node.items !== undefined) return elementOf(node.items);
  return typeof node.additionalProperties === 'object' ? elementOf(node.additionalProperties) : node;
}

function withoutDialect({ $schema: _, ...rest }: Node): Node {
  return rest;
}

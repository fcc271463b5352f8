/** A scenario as a plain object: what the file says, without its text. What is generated, shrunk and handed around is this. */
import { Document, isPair, isScalar, visit } from 'yaml';
import { distribution } from './distribution.ts';
import { applyOverrides, type Override } from './override.ts';
import { ProblemList } from './problem-list.ts';
import { scenario } from './scenario-schema.ts';
import { At, type Json, type JsonObject, sourceOf } from './schema.ts';
import { readSource, type SourceNode } from './source.ts';
import { formatDuration } from './units.ts';

/** `parseScenario` reads it as it reads a file; a key with the value `undefined` is not there. */
export interface ScenarioDocument {
  readonly duration: string;
  readonly services: { readonly [name: string]: JsonObject };
  readonly traffic: readonly JsonObject[];
  readonly policies?: { readonly [name: string]: JsonObject };
  readonly faults?: readonly JsonObject[];
  readonly thresholds?: readonly Json[];
  readonly [key: string]: Json | undefined;
}

export interface DocumentOptions {
  /** Values that replace those of the file, in order. */
  readonly set?: readonly Override[];
  /** As for `parseScenario`; the values of the files take their place. */
  readonly readFile?: (path: string) => string;
}

/** @param text  that `parseScenario` takes without an error */
export function documentOf(text: string, { set = [], readFile }: DocumentOptions = {}): ScenarioDocument {
  const problems = new ProblemList('scenario', text);
  const schema = scenario('scenario');
  const root = readSource(text, null, problems);
  if (root?.kind !== 'map') throw new Error('the text has problems: parse it first');
  const tree = applyOverrides(root, set, schema, problems);
  const plain = (node: SourceNode, key: string): Json => {
    if (node.kind === 'list') return node.items.map((item) => plain(item, key));
    if (node.kind === 'scalar') return node.value;
    const values = node.entries.some((entry) => entry.key === 'empirical' && entry.value.kind === 'map') ? valuesOf(node) : null;
    return values ?? Object.fromEntries(node.entries.map((entry) => [entry.key, plain(entry.value, entry.key)]));
  };
  /** Of a distribution that stands in a file of its own. */
  const valuesOf = (node: SourceNode & { readonly kind: 'map' }): Json => {
    const { value } = distribution([]).read(new At(node, [], { problems, readFile: readFile ?? refuse, root: () => schema }));
    const others = node.entries.filter(({ key }) => key !== 'empirical').map((entry) => [entry.key, plain(entry.value, entry.key)] as const);
    return { empirical: value.law.kind === 'empirical' ? value.law.valuesNs.map(formatDuration) : [], ...Object.fromEntries(others) };
  };
  return plain(tree, '') as unknown as ScenarioDocument; // the parser found what it requires
}

function refuse(): never {
  throw new Error('the scenario has files of its own');
}

/** The tree of a document, as if it had been read from a file. */
export function sourceOfDocument(document: ScenarioDocument): SourceNode {
  return sourceOf(document as JsonObject, { start: 0, end: 0, flag: null }); // what is absent is left out
}

/** In the order that a reader expects. */
const ORDER = ['name', 'description', 'seed', 'duration', 'warmup', 'drain', 'replications', 'zones', 'network', 'services', 'policies', 'traffic', 'faults', 'thresholds'];
/** What stands below each other, an entry a line. */
const SECTIONS = ['services', 'policies', 'traffic', 'faults', 'thresholds'];
/** Characters that go on one line. */
const LINE = 150;

/** The text of a scenario file, which parses to the same plan. @param comment  lines that go before it */
export function documentText(document: ScenarioDocument, comment: readonly string[] = []): string {
  const plain = JSON.parse(JSON.stringify(document)) as JsonObject; // without what is `undefined`
  const keys = [...ORDER.filter((key) => key in plain), ...Object.keys(plain).filter((key) => !ORDER.includes(key))];
  const yaml = new Document(Object.fromEntries(keys.map((key) => [key, plain[key]!])));
  visit(yaml, {
    Collection(_, node, path) {
      const parent = path.at(-1);
      const isSection = path.length === 3 && isPair(parent) && isScalar(parent.key) && SECTIONS.includes(String(parent.key.value));
      if (path.length > 1 && !isSection && JSON.stringify(node).length <= LINE) node.flow = true;
    },
  });
  return `${comment.map((line) => `# ${line}`.trimEnd()).map((line) => `${line}\n`).join('')}${yaml.toString({ lineWidth: 0 })}`;
}

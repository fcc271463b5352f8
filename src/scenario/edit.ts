/**
 * Changes values in the text of a scenario and leaves every other character as it is: comments, order, spaces, quotes. Means the same as
 * the overrides it is given.
 *
 * Where the file has the value, its text is replaced. Where it does not, the key is added at the end of the map where it belongs, in the style of
 * that map. A shorthand (`loadBalancer: leastRequest`) that gets a second key is written out. An alias on the way is written out, too, as
 * are the aliases of an anchor on the way, for what they stand for stays as it was.
 */
import { Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, parseDocument, visit, type YAMLMap } from 'yaml';
import type { Override } from './override.ts';
import { parsePath, type Path } from './path.ts';
import { scenario } from './scenario-schema.ts';
import type { Schema } from './schema.ts';

/** @param overrides  that `parseScenario` takes without a problem */
export function editScenario(text: string, overrides: readonly Override[]): string {
  return overrides.reduce((edited, { path, value }) => {
    const steps = parsePath(path);
    if (steps === null) throw new Error(`${path} is not a path`);
    return edit(edited, steps, value.trim());
  }, text);
}

/** The parser's nodes have a range. */
type ParsedPair = Pair<Node, Node | null>;

/** A place of the text and what comes there. */
interface Change {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** It only makes room: the value itself is still to be set. */
  readonly isPreparation?: true;
}

function edit(text: string, path: Path, value: string): string {
  const change = changeFor(text, path, value);
  const edited = text.slice(0, change.start) + change.text + text.slice(change.end);
  return change.isPreparation ? edit(edited, path, value) : edited;
}

function changeFor(text: string, path: Path, value: string): Change {
  const document = parseDocument(text, { version: '1.2', schema: 'core', logLevel: 'error', uniqueKeys: false });
  let schema: Schema<unknown> | null = scenario('scenario');
  let node = document.contents as Node | null;
  let pair: ParsedPair | null = null;
  for (const [depth, step] of path.entries()) {
    const written = writtenOut(document, node);
    if (written !== null) return written;
    const rest = path.slice(depth);
    if (isMap<Node, Node | null>(node)) {
      const found = node.items.findLast(({ key }) => nameOf(text, key) === String(step));
      if (found === undefined) return addition(text, node, rest, value);
      pair = found;
      node = found.value;
    } else if (isSeq(node) && typeof step === 'number') {
      pair = null;
      node = node.items[step] as Node;
    } else {
      const stands = schema?.shorthand !== undefined && isScalar(node) && node.value !== null && node.value !== 'none';
      const shorthand = stands ? `${schema!.shorthand}: ${sourceOf(text, node!)}, ` : '';
      return replacement(text, pair, node, `{ ${shorthand}${pairText(rest, value)} }`);
    }
    schema = schema?.below?.(step) ?? null;
  }
  return writtenOut(document, node, false) ?? replacement(text, pair, node, value);
}

/** An alias, or the first of the aliases of an anchor, as what it stands for; null where there is none. @param isPassed  the value is below */
function writtenOut(document: Document.Parsed, node: Node | null, isPassed: boolean = true): Change | null {
  let alias: Node | null = isAlias(node) && isPassed ? node : null;
  const anchor = node !== null && 'anchor' in node ? node.anchor : undefined;
  if (anchor !== undefined && anchor !== '') visit(document, { Alias: (_, found) => void (found.source === anchor && (alias ??= found)) });
  if (alias === null || !isAlias(alias)) return null;
  const meant = new Document(alias.resolve(document)?.toJS(document) as unknown);
  visit(meant, { Collection: (_, collection) => void (collection.flow = true) });
  return { start: alias.range![0], end: alias.range![1], text: meant.toString({ lineWidth: 0 }).trimEnd(), isPreparation: true }; // a parsed node has a range
}

function replacement(text: string, pair: ParsedPair | null, node: Node | null, value: string): Change {
  if (pair === null || !(isAbsent(text, node) || isBlock(node!))) return { start: node!.range![0], end: endOf(text, node!), text: value };
  // Behind the colon, whatever stood below; what is said beside the key stays there.
  const start = keyEnd(text, pair);
  const beside = isAbsent(text, node) ? '' : (/^[ \t]*#[^\r\n]*/.exec(text.slice(start))?.[0] ?? '');
  return { start, end: isAbsent(text, node) ? start : endOf(text, node!), text: ` ${value}${beside}` };
}

function addition(text: string, map: YAMLMap<Node, Node | null>, rest: Path, value: string): Change {
  const added = pairText(rest, value);
  const last = map.items.at(-1);
  if (last === undefined) return { start: map.range![0], end: map.range![1], text: `{ ${added} }` };
  const end = pairEnd(text, last);
  if (!isBlock(map)) return { start: end, end, text: `, ${added}` };
  const line = end + /^[^\r\n]*/.exec(text.slice(end))![0].length;
  const first = map.items[0]!.key.range![0];
  const column = first - (text.lastIndexOf('\n', first - 1) + 1);
  return { start: line, end: line, text: `${text.includes('\r\n') ? '\r\n' : '\n'}${' '.repeat(column)}${added}` };
}

/** `retries: { budget: { ratio: 20% } }`. */
function pairText([first, ...rest]: Path, value: string): string {
  const key = new Document(String(first)).toString({ lineWidth: 0 }).trimEnd();
  return `${key}: ${rest.length === 0 ? value : `{ ${pairText(rest, value)} }`}`;
}

function isBlock(node: Node): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

/** Of what it says, not of the blanks and comments after it. */
function endOf(text: string, node: Node): number {
  if (isBlock(node)) {
    const last = isMap<Node, Node | null>(node) ? node.items.at(-1) : isSeq<Node>(node) ? node.items.at(-1) : undefined;
    if (last !== undefined) return 'key' in last ? pairEnd(text, last) : endOf(text, last);
  }
  return text.slice(0, node.range![1]).trimEnd().length;
}

function pairEnd(text: string, pair: ParsedPair): number {
  return isAbsent(text, pair.value) ? keyEnd(text, pair) : endOf(text, pair.value!);
}

/** With its colon, if it has one. */
function keyEnd(text: string, { key }: ParsedPair): number {
  const end = key.range![1];
  return end + (/^\s*:/.exec(text.slice(end))?.[0].length ?? 0);
}

/** Nothing is written there. */
function isAbsent(text: string, node: Node | null): boolean {
  return node === null || (isScalar(node) && sourceOf(text, node) === '');
}

/** As the reader of scenarios has it: `5` and `true` are names as they are written. */
function nameOf(text: string, key: Node): string {
  return isScalar(key) && typeof key.value === 'string' ? key.value : sourceOf(text, key);
}

function sourceOf(text: string, node: Node): string {
  return text.slice(node.range![0], node.range![1]).trim();
}

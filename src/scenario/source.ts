/**
 * YAML text to a plain tree that remembers where everything stands. What people trip over in YAML
 * gets a code of its own here; sizes are bounded, so hostile text costs little.
 */
import { type ErrorCode, isAlias, isMap, isScalar, isSeq, type Node, parseDocument, type YAMLError } from 'yaml';
import type { Path } from './path.ts';
import type { ProblemList } from './problem-list.ts';
import type { ProblemCode } from './problem.ts';

/** Offsets into the file, or the flag that a value came from. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly flag: string | null;
}

export type ScalarValue = string | number | boolean | null;

export type SourceNode =
  | { readonly kind: 'scalar'; readonly value: ScalarValue; readonly text: string; readonly quoted: boolean; readonly span: Span }
  | { readonly kind: 'map'; readonly entries: readonly SourceEntry[]; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly SourceNode[]; readonly span: Span };

export interface SourceEntry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: SourceNode;
}

const SIZE_MAX = 4 * 1024 * 1024;
const DEPTH_MAX = 64;
/** Values after aliases are followed. */
const NODES_MAX = 1_000_000;

/** The tree of a scenario's text, or null where there is none; problems go to the list. */
export function readSource(text: string, flag: string | null, problems: ProblemList): SourceNode | null {
  const whole: Span = { start: 0, end: 0, flag };
  if (text.length > SIZE_MAX) {
    problems.add('too-large', [], whole, `the file has ${text.length} characters; at most ${SIZE_MAX} are read`);
    return null;
  }
  if (bracketDepth(text) > DEPTH_MAX * 4) {
    problems.add('too-deep', [], whole, `values are nested deeper than ${DEPTH_MAX} levels`);
    return null;
  }
  try {
    const document = parseDocument(text, { version: '1.2', schema: 'core', prettyErrors: false, strict: true, uniqueKeys: false, logLevel: 'error', resolveKnownTags: false });
    for (const error of document.errors) reportSyntax(error, text, flag, problems);
    if (document.contents === null) return null;
    // What follows a broken line is anybody's guess, and a list of guesses helps nobody.
    const sound = problems.problems.length;
    const tree = document.errors.length > 0 ? null : new TreeBuilder(text, flag, problems).build(document.contents as Node, 0);
    return problems.problems.slice(sound).some(({ code }) => code !== 'yaml-duplicate-key') ? null : tree;
  } catch (error) {
    // The parser recurses; text nested deep enough to exhaust the stack is the only known way here.
    const deep = error instanceof RangeError;
    problems.add(deep ? 'too-deep' : 'yaml-syntax', [], whole, deep ? 'values are nested too deep to read' : `the text cannot be read: ${String(error)}`);
    return null;
  }
}

/** Upper bound of the nesting that flow brackets and `- - -` can cause; strings count too, which is harmless at this depth. */
function bracketDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let dashes = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) depth++;
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
    if (code === 0x2d || code === 0x3f || code === 0x3a) dashes++;
    else if (code !== 0x20 && code !== 0x09) dashes = 0;
    const here = depth + (dashes > 100 ? dashes : 0);
    if (here > deepest) deepest = here;
  }
  return deepest;
}

const SYNTAX_CODES: Partial<Record<ErrorCode, ProblemCode>> = {
  TAB_AS_INDENT: 'yaml-tab',
  MULTIPLE_DOCS: 'yaml-multiple-documents',
  BAD_ALIAS: 'yaml-alias',
  RESOURCE_EXHAUSTION: 'too-deep',
};

/** Where the parser's own words speak to who calls it. */
const SYNTAX_MESSAGES: Partial<Record<ErrorCode, string>> = {
  MULTIPLE_DOCS: 'another document begins here',
};

const SYNTAX_HINTS: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  MULTIPLE_DOCS: 'a scenario is one document; give each a file of its own',
};

function reportSyntax(error: YAMLError, text: string, flag: string | null, problems: ProblemList): void {
  const [start, end] = error.pos;
  const tab = SYNTAX_CODES[error.code] === undefined && lineBefore(text, start).includes('\t');
  const code = tab ? 'yaml-tab' : (SYNTAX_CODES[error.code] ?? 'yaml-syntax');
  const hint = tab ? 'indent with spaces' : (SYNTAX_HINTS[error.code] ?? null);
  problems.add(code, [], { start, end: code === 'yaml-multiple-documents' ? start : Math.max(end, start + 1), flag }, SYNTAX_MESSAGES[error.code] ?? lowerFirst(error.message), { hint });
}

function lineBefore(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset + 1))?.[0] ?? '';
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text.charAt(0).toLowerCase() + text.slice(1) : text;
}

class TreeBuilder {
  private readonly built = new Map<Node, { readonly node: SourceNode; readonly size: number }>();
  private readonly open = new Set<Node>();
  /** Latest node of each anchor, as the file is read from top to bottom. */
  private readonly anchors = new Map<string, Node>();
  private readonly text: string;
  private readonly flag: string | null;
  private readonly problems: ProblemList;
  private size = 0;

  constructor(text: string, flag: string | null, problems: ProblemList) {
    this.text = text;
    this.flag = flag;
    this.problems = problems;
  }

  build(node: Node | null, depth: number): SourceNode {
    const span = this.spanOf(node);
    if (node === null) return this.scalar(null, '', false, span);
    if (depth > DEPTH_MAX) return this.refuse('too-deep', span, `values are nested deeper than ${DEPTH_MAX} levels`);
    if (this.size > NODES_MAX) return this.scalar(null, '', false, span);
    if (isAlias(node)) return this.follow(node, span);
    if ('anchor' in node && node.anchor) this.anchors.set(node.anchor, node);
    this.open.add(node);
    const before = this.size++;
    const result = this.buildOwn(node, span, depth);
    this.open.delete(node);
    if ('anchor' in node && node.anchor) this.built.set(node, { node: result, size: this.size - before });
    return result;
  }

  private buildOwn(node: Node, span: Span, depth: number): SourceNode {
    if (isMap(node)) {
      const entries: SourceEntry[] = [];
      // The parser's own check compares each key with all others.
      const seen = new Map<string, Span>();
      for (const pair of node.items) {
        const key = pair.key as Node | null;
        const keySpan = this.spanOf(key);
        if (!isScalar(key) || (key.value !== null && typeof key.value === 'object')) {
          this.problems.add('wrong-type', [], keySpan, 'a key must be a word', { hint: 'write a plain word' });
          continue;
        }
        const name = typeof key.value === 'string' ? key.value : this.text.slice(keySpan.start, keySpan.end);
        const earlier = seen.get(name);
        if (earlier !== undefined) {
          this.problems.add('yaml-duplicate-key', [], keySpan, `\`${name.slice(0, 60)}\` is given twice`, { hint: 'merge the two, or rename one', second: { span: earlier, label: 'the first one' } });
        }
        seen.set(name, keySpan);
        const value = pair.value as Node | null;
        const built = this.build(value, depth + 1);
        // An absent value stands where its key does.
        const placed = built.kind === 'scalar' && built.text === '' && !built.quoted ? { ...built, span: keySpan } : built;
        entries.push({ key: name, keySpan, value: placed });
      }
      return { kind: 'map', entries, span };
    }
    if (isSeq(node)) return { kind: 'list', items: node.items.map((item) => this.build(item as Node | null, depth + 1)), span };
    const value: unknown = isScalar(node) ? node.value : null;
    const quoted = isScalar(node) && node.type !== undefined && node.type !== 'PLAIN';
    const text = quoted ? String(value) : this.text.slice(span.start, span.end).trim();
    return this.scalar(plainValue(value), text, quoted, span);
  }

  private follow(alias: Node, span: Span): SourceNode {
    const target = isAlias(alias) ? this.anchors.get(alias.source) : undefined;
    if (target === undefined) return this.refuse('yaml-alias', span, 'this alias refers to nothing');
    const known = this.built.get(target);
    if (known === undefined) {
      return this.refuse('yaml-alias', span, this.open.has(target) ? 'this alias contains itself' : 'this alias refers to something that cannot be read');
    }
    this.size += known.size;
    if (this.size > NODES_MAX) return this.refuse('yaml-alias', span, `aliases expand this file to more than ${NODES_MAX} values`);
    return known.node;
  }

  private refuse(code: ProblemCode, span: Span, message: string): SourceNode {
    this.problems.add(code, [] as Path, span, message);
    return this.scalar(null, '', false, span);
  }

  private scalar(value: ScalarValue, text: string, quoted: boolean, span: Span): SourceNode {
    return { kind: 'scalar', value, text, quoted, span };
  }

  private spanOf(node: Node | null): Span {
    const range = node?.range;
    return { start: range?.[0] ?? 0, end: range?.[1] ?? 0, flag: this.flag };
  }
}

function plainValue(value: unknown): ScalarValue {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return typeof value === 'bigint' ? Number(value) : String(value);
}

import { formatPath, parsePath, type Path } from './path.ts';
import type { ProblemList } from './problem-list.ts';
import type { Schema } from './schema.ts';
import { readSource, type SourceEntry, type SourceNode, type Span } from './source.ts';
import { didYouMean } from './suggest.ts';

/** `--set services.cart.replicas=5`: the value is YAML. */
export interface Override {
  readonly path: string;
  readonly value: string;
  /** How the person wrote it, for problems; `--set path=value` unless given. */
  readonly flag?: string;
}

/** The tree with each value put in its place; a path that leads nowhere is a problem naming the flag. */
export function applyOverrides(root: SourceNode, overrides: readonly Override[], schema: Schema<unknown>, problems: ProblemList): SourceNode {
  let tree = root;
  for (const { path: written, value, flag = `--set ${written}=${value}` } of overrides) {
    const span: Span = { start: 0, end: 0, flag };
    const path = parsePath(written);
    if (path === null) {
      problems.add('unknown-path', [], span, `\`${written}\` is not a path`, { hint: 'such as services.cart.replicas or traffic[0].rate' });
      continue;
    }
    const errors = problems.problems.length;
    const node = readSource(value, flag, problems) ?? (problems.problems.length > errors ? null : { kind: 'scalar' as const, value: null, text: '', quoted: false, span });
    if (node === null) continue;
    tree = replaced(tree, path, 0, node, schema, { span, problems }) ?? tree;
  }
  return tree;
}

interface Report {
  readonly span: Span;
  readonly problems: ProblemList;
}

/** `node` with the value at `path[depth...]` replaced, or null with the problem reported. */
function replaced(node: SourceNode, path: Path, depth: number, value: SourceNode, schema: Schema<unknown> | null, report: Report): SourceNode | null {
  const step = path[depth];
  if (step === undefined) return value;
  const known = (hint: string | null, allowed?: readonly string[]): null => {
    const where = formatPath(path.slice(0, depth + 1));
    report.problems.add('unknown-path', path, report.span, `there is no \`${where}\` in this scenario`, { hint, ...(allowed === undefined || allowed.length === 0 ? {} : { allowed }) });
    return null;
  };
  const below = schema?.below?.(step) ?? null;
  if (node.kind === 'list') {
    const index = typeof step === 'number' ? step : -1;
    const item = node.items[index];
    if (item === undefined) return known(placesIn(node.items, path, depth));
    const changed = replaced(item, path, depth + 1, value, below, report);
    return changed === null ? null : { ...node, items: node.items.with(index, changed) };
  }
  const key = String(step);
  const entries = node.kind === 'map' ? node.entries : shorthandEntries(node, schema);
  const index = entries.findIndex((entry) => entry.key === key);
  const last = depth === path.length - 1;
  if (index < 0) {
    if (typeof step === 'number' && !schema?.open) return known(`there is no list to change one of; set all of it, such as \`${formatPath(path.slice(0, depth))}=[...]\``);
    const names = schema?.open ? entries.map((entry) => entry.key) : (schema?.scope?.keys ?? []);
    if (schema?.open ? !last : schema?.scope !== undefined && !names.includes(key) && below === null) return known(didYouMean(key, names), names);
  }
  const child = entries[index]?.value ?? ({ kind: 'map', entries: [], span: report.span } as const);
  const changed = replaced(child, path, depth + 1, value, below, report);
  if (changed === null) return null;
  const entry: SourceEntry = { key, keySpan: entries[index]?.keySpan ?? report.span, value: changed };
  // Where the file says something else than a map, or nothing, it is the flag that makes it one.
  return { kind: 'map', entries: index < 0 ? [...entries, entry] : entries.with(index, entry), span: node.kind === 'map' || entries.length > 0 ? node.span : report.span };
}

/** Which positions there are, or the one that has the name given in place of a position. */
function placesIn(items: readonly SourceNode[], path: Path, depth: number): string {
  if (items.length === 0) return 'the list is empty';
  const step = path[depth]!;
  const last = items.length - 1;
  if (typeof step === 'number') return last === 0 ? 'only 0' : `0 to ${last}`;
  const at = (index: number, below: Path = []): string => `\`${formatPath([...path.slice(0, depth), index, ...below])}\``;
  const named = items.findIndex((item) => nameOf(item) === step);
  if (named >= 0) return `a list is indexed: did you mean ${at(named, path.slice(depth + 1))}?`;
  return `a list is indexed: ${at(0)}${last === 0 ? '' : ` to ${at(last)}`}`;
}

/** Traffic without a name has that of the service it asks. */
function nameOf(item: SourceNode): string | null {
  const entries = item.kind === 'map' ? item.entries : [];
  const { value } = entries.find(({ key }) => key === 'name') ?? entries.find(({ key }) => key === 'to') ?? { value: null };
  return value?.kind === 'scalar' ? value.text : null;
}

/** `leastRequest` as `{ type: leastRequest }`; `none` and nothing as an empty map. */
function shorthandEntries(node: SourceNode, schema: Schema<unknown> | null): readonly SourceEntry[] {
  if (schema?.shorthand === undefined || node.kind !== 'scalar' || node.value === null || node.value === 'none') return [];
  return [{ key: schema.shorthand, keySpan: node.span, value: node }];
}

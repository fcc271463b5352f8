import type { Path } from './path.ts';
import type { SourceEntry, SourceNode, Span } from './source.ts';

/** Finds places in the file by path, for checks that work on values. */
export class Locator {
  private readonly root: SourceNode;
  private readonly maps = new Map<SourceNode, ReadonlyMap<string, SourceEntry>>();

  constructor(root: SourceNode) {
    this.root = root;
  }

  /** The value at the path, or the nearest one above that the file has: a default stands where its map does. */
  value(path: Path): Span {
    return this.find(path).node.span;
  }

  /** The key that holds the value, or the value itself in lists. */
  key(path: Path): Span {
    const { node, keySpan, depth } = this.find(path);
    return depth === path.length && keySpan !== null ? keySpan : startOf(node);
  }

  /** The file says something there; it is no default. */
  has(path: Path): boolean {
    return this.find(path).depth === path.length;
  }

  node(path: Path): SourceNode {
    return this.find(path).node;
  }

  /** The last entry wins where a key is given twice. */
  private entriesOf(node: Extract<SourceNode, { kind: 'map' }>): ReadonlyMap<string, SourceEntry> {
    const known = this.maps.get(node);
    if (known !== undefined) return known;
    const entries = new Map(node.entries.map((entry) => [entry.key, entry]));
    this.maps.set(node, entries);
    return entries;
  }

  private find(path: Path): { readonly node: SourceNode; readonly keySpan: Span | null; readonly depth: number } {
    let node = this.root;
    let keySpan: Span | null = null;
    let depth = 0;
    for (const step of path) {
      if (node.kind === 'map') {
        const entry = this.entriesOf(node).get(String(step));
        if (entry === undefined) break;
        keySpan = entry.keySpan;
        node = entry.value;
      } else if (node.kind === 'list' && typeof step === 'number') {
        const item = node.items[step];
        if (item === undefined) break;
        keySpan = null;
        node = item;
      } else {
        break;
      }
      depth++;
    }
    return { node, keySpan, depth };
  }
}

function startOf(node: SourceNode): Span {
  return node.kind === 'scalar' ? node.span : { ...node.span, end: node.span.start };
}

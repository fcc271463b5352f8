/**
 * Places for a graph of calls, callers left and callees right (after Sugiyama, Tagawa and Toda, 1981): a layer for each node by its longest
 * way from a source, edges that lead back left aside, and within a layer an order in which neighbours are near each other. An arc that
 * passes layers has a place in each of them, so that it goes between nodes and not behind them.
 */
export interface Arc {
  readonly from: string;
  readonly to: string;
}

export type Place = { readonly kind: 'node'; readonly name: string } | { readonly kind: 'passing'; readonly arc: Arc };

/** By layer, from top to bottom. */
export function layersOf(names: readonly string[], arcs: readonly Arc[]): Place[][] {
  const forward = withoutCycles(names, arcs);
  const depth = depthsOf(names, forward);
  const layers: Place[][] = Array.from({ length: Math.max(0, ...depth.values()) + 1 }, () => []);
  for (const name of names) layers[depth.get(name)!]!.push({ kind: 'node', name });
  const links: (readonly [Place, Place])[] = [];
  const nodes = new Map(layers.flat().map((place) => [(place as { readonly name: string }).name, place])); // only nodes so far
  for (const arc of forward) {
    let last = nodes.get(arc.from)!;
    for (let layer = depth.get(arc.from)! + 1; layer < depth.get(arc.to)!; layer++) {
      const place: Place = { kind: 'passing', arc };
      layers[layer]!.push(place);
      links.push([last, place]);
      last = place;
    }
    links.push([last, nodes.get(arc.to)!]);
  }
  return ordered(layers.filter((layer) => layer.length > 0), links);
}

/** Longest ways from a source. */
function depthsOf(names: readonly string[], forward: readonly Arc[]): Map<string, number> {
  const depth = new Map(names.map((name) => [name, 0]));
  // Each round settles at least one more layer.
  for (let round = 0; round < names.length; round++) {
    let isSettled = true;
    for (const { from, to } of forward) {
      if (depth.get(to)! > depth.get(from)!) continue;
      depth.set(to, depth.get(from)! + 1);
      isSettled = false;
    }
    if (isSettled) break;
  }
  return depth;
}

/** Those that lead to a node from which they can be reached are the ones that a walk from the sources meets last. */
function withoutCycles(names: readonly string[], arcs: readonly Arc[]): Arc[] {
  const after = new Map(names.map((name) => [name, arcs.filter(({ from, to }) => from === name && to !== name)]));
  const state = new Map<string, 'open' | 'done'>();
  const kept: Arc[] = [];
  for (const root of names) {
    if (state.has(root)) continue;
    state.set(root, 'open');
    const path = [{ name: root, next: 0 }];
    while (path.length > 0) {
      const top = path.at(-1)!;
      const arc = after.get(top.name)![top.next++];
      if (arc === undefined) {
        state.set(top.name, 'done');
        path.pop();
        continue;
      }
      if (state.get(arc.to) !== 'open') kept.push(arc);
      if (state.has(arc.to)) continue;
      state.set(arc.to, 'open');
      path.push({ name: arc.to, next: 0 });
    }
  }
  return kept;
}

const SWEEPS = 8;

/** Each at the mean of its neighbours in the layers that were placed before, back and forth. */
function ordered(layers: readonly (readonly Place[])[], links: readonly (readonly [Place, Place])[]): Place[][] {
  const positions = new Map<Place, number>();
  const position = (layer: readonly Place[]): void => {
    for (const [i, place] of layer.entries()) positions.set(place, (i + 0.5) / layer.length);
  };
  const neighbours = new Map<Place, { readonly before: Place[]; readonly after: Place[] }>(layers.flat().map((place) => [place, { before: [], after: [] }]));
  for (const [from, to] of links) {
    neighbours.get(from)!.after.push(to);
    neighbours.get(to)!.before.push(from);
  }
  const result = layers.map((layer) => [...layer]);
  result.forEach(position);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const side = sweep % 2 === 0 ? 'before' : 'after';
    for (const layer of side === 'before' ? result : result.toReversed()) {
      const centre = new Map(layer.map((place) => {
        const near = neighbours.get(place)![side].map((other) => positions.get(other)!);
        return [place, near.length === 0 ? positions.get(place)! : near.reduce((sum, value) => sum + value, 0) / near.length];
      }));
      layer.sort((a, b) => centre.get(a)! - centre.get(b)!);
      position(layer);
    }
  }
  return result;
}

/**
 * Places for a graph of calls, callers left and callees right (after Sugiyama, Tagawa and Toda, 1981): a layer for each node by its longest
 * way from a source, edges that lead back left aside, and within a layer an order in which neighbours are near each other.
 */
export interface Arc {
  readonly from: string;
  readonly to: string;
}

/** Names by layer, from top to bottom. */
export function layersOf(names: readonly string[], arcs: readonly Arc[]): string[][] {
  const forward = withoutCycles(names, arcs);
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
  const layers: string[][] = [];
  for (const name of names) (layers[depth.get(name)!] ??= []).push(name);
  return ordered(Array.from(layers, (layer) => layer ?? []).filter((layer) => layer.length > 0), forward);
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

const SWEEPS = 6;

/** Each node at the mean of its neighbours in the layers that were placed before, back and forth. */
function ordered(layers: readonly string[][], arcs: readonly Arc[]): string[][] {
  const places = new Map<string, number>();
  const place = (layer: readonly string[]): void => layer.forEach((name, i) => places.set(name, (i + 0.5) / layer.length));
  const result = layers.map((layer) => [...layer]);
  result.forEach(place);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? result : result.toReversed()) {
      const centre = new Map(layer.map((name) => {
        const near = arcs.flatMap(({ from, to }) => (isDown ? (to === name ? [places.get(from)!] : []) : from === name ? [places.get(to)!] : []));
        return [name, near.length === 0 ? places.get(name)! : near.reduce((sum, value) => sum + value, 0) / near.length];
      }));
      layer.sort((a, b) => centre.get(a)! - centre.get(b)!);
      place(layer);
    }
  }
  return result;
}

/**
 * Exponential and normal variates by Marsaglia and Tsang's ziggurat (J. Stat. Software 5(8), 2000) with
 * 256 layers: 98 % of the draws cost one table look-up, one multiplication and one comparison.
 * The tables are built with the portable `exp` and `ln`, so they are the same bits everywhere.
 */
import { exp, ln } from '../model/math.ts';
import type { Draw } from './hash.ts';

const LAYERS = 256;
/** Where the tail begins, and the area of each layer (same paper). */
const EXPONENTIAL_TAIL = 7.69711747013104972;
const EXPONENTIAL_AREA = 0.0039496598225815571993;
const NORMAL_TAIL = 3.654152885361008796;
const NORMAL_AREA = 0.00492867323399141;

const exponentialTable: Table = tabulate(EXPONENTIAL_TAIL, EXPONENTIAL_AREA, (x) => exp(-x), (y) => -ln(y));
const normalTable: Table = tabulate(NORMAL_TAIL, NORMAL_AREA, (x) => exp((-x * x) / 2), (y) => Math.sqrt(-2 * ln(y)));
const exponentialEdge: Float64Array = exponentialTable.edge;
const normalEdge: Float64Array = normalTable.edge;

// The `+` before a rare call tells the compiler that a number comes back; without it the common result, which
// meets it at the end, is put on the heap each time (3 % of bench W2).

/** Exponential with mean 1. Leaves the draw at the bits it used last. */
export function exponential(draw: Draw): number {
  const layer = draw.lo & 255;
  const x = draw.unit() * exponentialEdge[layer]!;
  if (x < exponentialEdge[layer + 1]!) return x;
  return +exponentialRest(draw, layer, x);
}

/** Standard normal. Leaves the draw at the bits it used last. */
export function normal(draw: Draw): number {
  const layer = draw.lo & 255;
  const x = (draw.unit() * 2 - 1) * normalEdge[layer]!;
  if (Math.abs(x) < normalEdge[layer + 1]!) return x;
  return +normalRest(draw, layer, x);
}

function exponentialRest(draw: Draw, layer: number, x: number): number {
  if (layer === 0) {
    // The law has no memory: the tail is the law again, moved.
    draw.next();
    return EXPONENTIAL_TAIL - ln(draw.open());
  }
  const { height } = exponentialTable;
  draw.next();
  if (height[layer + 1]! + (height[layer]! - height[layer + 1]!) * draw.unit() < exp(-x)) return x;
  draw.next();
  return exponential(draw);
}

function normalRest(draw: Draw, layer: number, x: number): number {
  if (layer === 0) {
    for (;;) {
      draw.next();
      const a = -ln(draw.open()) / NORMAL_TAIL;
      draw.next();
      const b = -ln(draw.open());
      if (2 * b >= a * a) return x < 0 ? -NORMAL_TAIL - a : NORMAL_TAIL + a;
    }
  }
  const { height } = normalTable;
  draw.next();
  if (height[layer + 1]! + (height[layer]! - height[layer + 1]!) * draw.unit() < exp((-x * x) / 2)) return x;
  draw.next();
  return normal(draw);
}

interface Table {
  /** Right edge of each layer, descending; `edge[0]` is the width of the base layer with its tail. */
  readonly edge: Float64Array;
  /** The density at each edge. */
  readonly height: Float64Array;
}

function tabulate(tail: number, area: number, density: (x: number) => number, inverse: (y: number) => number): Table {
  const edge = new Float64Array(LAYERS + 1);
  edge[0] = area / density(tail);
  edge[1] = tail;
  for (let i = 2; i < LAYERS; i++) edge[i] = inverse(area / edge[i - 1]! + density(edge[i - 1]!));
  edge[LAYERS] = 0;
  return { edge, height: edge.map(density) };
}

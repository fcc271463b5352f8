/** What the n-th request of a source is: its class, which client sends it, and what hash balancers see. */
import type { RequestClassPlan, TrafficPlan } from '../model/plan.ts';
import { power } from '../model/math.ts';
import { Draw, Stream, hashText } from '../random/hash.ts';

export class RequestMix {
  private readonly clients: number;
  /** Cumulated weights up to 1. */
  private readonly shares: Float64Array;
  /** Null where all requests of the class have the same key. */
  private readonly keys: readonly (((draw: Draw) => number) | null)[];
  /** Hash of that key, or of the path where no key is given. */
  private readonly constantKeys: Int32Array;
  private readonly source: number;
  private readonly classStream: Stream;
  private readonly clientStream: Stream;
  private readonly keyStream: Stream;
  private readonly draw: Draw = new Draw();

  /** @param renderedKeys  for each class whose key (or path, without one) is a template: some rendered values */
  constructor(plan: TrafficPlan, source: number, seed: number, renderedKeys: readonly (readonly string[])[]) {
    this.clients = plan.clients;
    this.source = source;
    const total = plan.classes.reduce((sum, { weight }) => sum + weight, 0);
    let sum = 0;
    this.shares = Float64Array.from(plan.classes, ({ weight }) => (sum += weight) / total);
    this.keys = plan.classes.map((requestClass, i) => keyDrawer(requestClass, renderedKeys[i] ?? []));
    this.constantKeys = Int32Array.from(plan.classes, ({ key, path }) => hashText(key?.kind === 'template' ? key.text : path));
    this.classStream = new Stream(seed, 'class');
    this.clientStream = new Stream(seed, 'client');
    this.keyStream = new Stream(seed, 'key');
  }

  classOf(request: number): number {
    if (this.shares.length === 1) return 0;
    this.draw.seek(this.classStream, request, this.source);
    const u = this.draw.unit();
    let i = 0;
    while (i < this.shares.length - 1 && u >= this.shares[i]!) i++;
    return i;
  }

  clientOf(request: number): number {
    if (this.clients === 1) return 0;
    this.draw.seek(this.clientStream, request, this.source);
    return Math.floor(this.draw.unit() * this.clients);
  }

  hashKeyOf(request: number, requestClass: number): number {
    const drawKey = this.keys[requestClass]!;
    if (drawKey === null) return this.constantKeys[requestClass]!;
    this.draw.seek(this.keyStream, request, this.source);
    return drawKey(this.draw);
  }

  /** Which of so many rendered requests of its class it is: the one whose key is hashed. */
  renderedOf(request: number, count: number): number {
    this.draw.seek(this.keyStream, request, this.source);
    return Math.floor(this.draw.unit() * count);
  }
}

/** Draws a 32-bit hash of the request's key. */
function keyDrawer({ key }: RequestClassPlan, rendered: readonly string[]): ((draw: Draw) => number) | null {
  if (rendered.length > 0) return oneOf(rendered);
  if (key === null) return null;
  switch (key.kind) {
    case 'uniform':
      return (draw) => hashText(`key-${Math.floor(draw.unit() * key.keys)}`);
    case 'zipf': {
      const cumulated = zipfShares(key.keys, key.s);
      return (draw) => hashText(`key-${firstAbove(cumulated, draw.unit())}`);
    }
    case 'template':
      return null;
  }
}

function oneOf(texts: readonly string[]): (draw: Draw) => number {
  const hashes = Int32Array.from(texts, hashText);
  return (draw) => hashes[Math.floor(draw.unit() * hashes.length)]!;
}

function zipfShares(keys: number, s: number): Float64Array {
  const shares = new Float64Array(keys);
  let sum = 0;
  for (let i = 0; i < keys; i++) shares[i] = sum += power(i + 1, -s);
  for (let i = 0; i < keys; i++) shares[i]! /= sum;
  return shares;
}

function firstAbove(cumulated: Float64Array, u: number): number {
  let low = 0;
  let high = cumulated.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulated[middle]! > u) high = middle;
    else low = middle + 1;
  }
  return low;
}

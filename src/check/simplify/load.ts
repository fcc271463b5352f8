/** Fewer requests, more evenly. */
import { NS_PER_MS } from '../../model/units.ts';
import type { ScenarioDocument } from '../../scenario/document.ts';
import type { Json, JsonObject } from '../../scenario/schema.ts';
import { formatRate } from '../../scenario/units.ts';
import { roundTime } from '../arbitrary/time.ts';
import { expectedRequests, rateOf, timeOf } from './size.ts';
import { isMap, listOf } from './mesh.ts';

type Documents = Generator<ScenarioDocument, void, undefined>;

/** Shorter runs and rarer requests are no simpler. */
const SHORTEST_NS = NS_PER_MS;
const RAREST_PER_S = 1;

const SHARES = [0.01, 0.1, 0.25, 0.5, 0.75, 0.9];

/** The run ends earlier; what comes before is as it was. */
export function* shorten(document: ScenarioDocument): Documents {
  const durationNs = timeOf(document.duration);
  for (const share of SHARES) {
    const duration = roundTime(durationNs * share);
    const warmup = timeOf(document['warmup']);
    if (timeOf(duration) >= SHORTEST_NS && timeOf(duration) > warmup) yield { ...document, duration };
  }
}

/** So much longer, with so much less at a time: where something takes time, waiting for it with fewer requests. */
const SLOWER: readonly (readonly [longer: number, share: number])[] = [[4, 0.1], [2, 0.1], [2, 0.25], [2, 0.4], [1.5, 0.5]];

/** Fewer requests in a longer time. */
export function* spreadOut(document: ScenarioDocument): Documents {
  if (document.traffic.some(({ rate }) => rate === undefined)) return;
  for (const [longer, share] of SLOWER) {
    const traffic = document.traffic.map((source) => ({ ...source, rate: rounded(rateOf(source['rate']) * share) }));
    if (traffic.every(({ rate }) => rateOf(rate) >= RAREST_PER_S)) yield { ...document, duration: roundTime(timeOf(document.duration) * longer), traffic };
  }
}

const SEEDS = [1, 2, 3, 4, 5];

/** Much fewer requests, of which one may meet what one in many met. */
export function* otherLuck(document: ScenarioDocument): Documents {
  if (expectedRequests(document) <= 1) return;
  for (const share of [0.1, 0.3, 0.6]) {
    for (const [i, source] of document.traffic.entries()) {
      if (source['rate'] === undefined) continue;
      const rate = rounded(rateOf(source['rate']) * share);
      if (rateOf(rate) >= RAREST_PER_S) for (const seed of SEEDS) yield { ...document, seed, traffic: document.traffic.with(i, { ...source, rate }) };
    }
  }
}

export function* adjustLoad(document: ScenarioDocument): Documents {
  for (const [i, source] of document.traffic.entries()) {
    for (const simpler of simplerLoads(source, document.duration)) yield { ...document, traffic: document.traffic.with(i, simpler) };
  }
}

function* simplerLoads(source: JsonObject, duration: string): Generator<JsonObject, void, undefined> {
  const { arrivals, profile, rate, requests, thinkTime, users, ...rest } = source;
  const mix = requests === undefined ? {} : { requests };
  if (requests !== undefined) yield { ...rest, ...present({ arrivals, profile, rate, thinkTime, users }) };
  if (rate === undefined) {
    const mean = (expectedRequests({ duration, traffic: [source] }) / (timeOf(duration) / 1e9)) || 1;
    const highest = Math.max(0, ...listOf(profile).filter(isMap).map((point) => rateOf(point['rate'])));
    for (const steady of [mean, highest]) if (steady >= RAREST_PER_S) yield { ...rest, ...mix, rate: rounded(steady) };
  }
  if (rate !== undefined) for (const share of SHARES) if (rateOf(rate) * share >= RAREST_PER_S) yield { ...rest, ...mix, ...present({ arrivals }), rate: rounded(rateOf(rate) * share) };
  if (arrivals !== undefined) yield { ...rest, ...mix, ...present({ rate, profile }) };
  if (typeof users === 'number') {
    for (const fewer of new Set([1, Math.floor(users / 2), users - 1])) if (fewer >= 1) yield { ...rest, ...mix, ...present({ thinkTime }), users: fewer };
  }
  for (const [i, point] of listOf(profile).entries()) {
    if (!isMap(point)) continue;
    yield { ...rest, ...mix, ...present({ arrivals }), profile: listOf(profile).toSpliced(i, 1) };
    for (const share of [0, 0.5]) yield { ...rest, ...mix, ...present({ arrivals }), profile: listOf(profile).with(i, { ...point, rate: rounded(rateOf(point['rate']) * share) }) };
  }
}

function rounded(ratePerS: number): string {
  return formatRate(Number(ratePerS.toPrecision(2)));
}

function present(map: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(map).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}

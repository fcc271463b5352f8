/** Cases of several services: stations in a row or with routes between them, fan-outs, layers that retry. */
import type { CaseScenario } from './reference.ts';
import { arrivalsOf, DEFAULT_RATE, distribution, file, front, type Json, type Map, NotExpressible, settlingS, type Size, stationOf, type Variant, variantOf } from './scenario-text.ts';

/** The caller must not hold a worker meanwhile: an orchestrator without limits calls the stations in turn. */
export function tandem(scenario: CaseScenario, meansMs: readonly number[], size: Size): Variant {
  const { arrivals, ratePerS } = arrivalsOf(scenario.arrivals, size);
  const slowest = Math.max(...meansMs);
  const warmupS = size.warmupS ?? meansMs.length * settlingS({ ...scenario, service: { dist: scenario.service!.dist, mean_ms: slowest } }, ratePerS);
  const stations = Object.fromEntries(meansMs.map((mean_ms, i) => [`S${i + 1}`, stationOf({ dist: scenario.service!.dist, mean_ms })]));
  return variantOf(size, ratePerS, warmupS, {
    services: { front: { ...front(), calls: Object.keys(stations) }, ...stations },
    traffic: { to: 'front', ...arrivals },
  });
}

/**
 * A Jackson network: after each station a request goes on to one of the others, or leaves. Callers without limits
 * stand for the requests between stations, as in `tandem`: `at1` visits S1, then `from1` decides who is next.
 */
export function jackson(scenario: CaseScenario, routing: readonly (readonly number[])[], size: Size): Variant {
  const { arrivals, ratePerS } = arrivalsOf(scenario.arrivals, size);
  const { dist, means_ms } = scenario.service!;
  const warmupS = size.warmupS ?? means_ms!.length * settlingS({ ...scenario, service: { dist, mean_ms: Math.max(...means_ms!) } }, ratePerS);
  const services = routing.flatMap((row, i): [string, Map][] => {
    const onward = row.reduce((sum, share) => sum + share, 0);
    const station: [string, Map] = [`S${i + 1}`, stationOf({ dist, mean_ms: means_ms![i]! })];
    const visit = { ...front(), calls: [`S${i + 1}`, ...(onward === 0 ? [] : [{ service: `from${i + 1}`, probability: onward }])] };
    const next = row.flatMap((share, to): [string, number][] => (share === 0 ? [] : [[`at${to + 1}`, Math.round(share * 1000)]]));
    return [station, [`at${i + 1}`, visit], ...(onward === 0 ? [] : [[`from${i + 1}`, { ...front(), routes: [{ split: Object.fromEntries(next) }] }] as [string, Map]])];
  });
  return variantOf(size, ratePerS, warmupS, { services: Object.fromEntries(services), traffic: { to: 'at1', ...arrivals } });
}

export function fanOut(scenario: CaseScenario, topology: string, leaves: number, size: Size): Variant {
  const reply = /return at the (\d+)-th reply/.exec(topology);
  if (reply !== null && Number(reply[1]) === 1 && leaves > 1) return race(scenario, leaves, size);
  if (reply !== null && Number(reply[1]) < leaves) throw new NotExpressible('a parallel step waits for all its calls, and a hedge for one: nothing waits for some (quorums)');
  const { arrivals, ratePerS } = arrivalsOf(scenario.arrivals, size);
  const slow = /slow \(>1 s\) with probability ([\d.]+)/.exec(topology);
  const queues = scenario.workers_per_endpoint !== undefined;
  const warmupS = size.warmupS ?? (queues ? 2 * settlingS(scenario, ratePerS) : 0);
  const latency: Json = slow === null ? distribution(scenario.service!) : { mixture: [{ weight: 1 - Number(slow[1]), of: '1ms' }, { weight: Number(slow[1]), of: '2s' }] };
  const names = queues ? Array.from({ length: leaves }, (_, i) => `S${i + 1}`) : Array.from({ length: leaves }, () => 'leaf');
  const leaf = { concurrency: scenario.workers_per_endpoint ?? 'unlimited', queue: 'unlimited', latency };
  return variantOf(size, ratePerS, warmupS, {
    services: { ...fronts(names), ...Object.fromEntries([...new Set(names)].map((name) => [name, leaf])) },
    traffic: { to: 'front', ...arrivals },
  });
}

/** The first answer of several is that of a call with copies; sent a nanosecond apart, since the budget of timed copies is one a call. */
function race(scenario: CaseScenario, copies: number, size: Size): Variant {
  const { arrivals, ratePerS } = arrivalsOf(scenario.arrivals, size);
  const policy = { hedge: { after: 'none', onPerTryTimeout: true }, retries: { attempts: copies - 1, on: ['timeout'], perTryTimeout: '1ns', backoff: { base: 0, jitter: 'none' } } };
  return {
    label: '',
    ratePerS,
    warmupS: 0,
    text: file({
      warmupS: 0,
      durationS: size.n / ratePerS,
      services: { leaf: { concurrency: 'unlimited', latency: distribution(scenario.service!), onCancel: 'stop' } },
      traffic: { to: 'leaf', ...arrivals, policy },
    }),
  };
}

/** A step takes a thousand calls at most: beyond that, a layer between that does nothing either. */
function fronts(names: readonly string[]): Map {
  const limit = 1000;
  if (names.length <= limit) return { front: { ...front(), calls: [{ parallel: names }] } };
  const groups = Array.from({ length: Math.ceil(names.length / limit) }, (_, i) => names.slice(i * limit, (i + 1) * limit));
  return {
    front: { ...front(), calls: [{ parallel: groups.map((_, i) => `group${i}`) }] },
    ...Object.fromEntries(groups.map((group, i) => [`group${i}`, { ...front(), calls: [{ parallel: group }] }])),
  };
}

export function layered({ failure_probability = 0, client = {} }: CaseScenario, layers: number, size: Size): Variant {
  const names = [...Array.from({ length: layers - 1 }, (_, i) => `L${i + 1}`), 'leaf'];
  const retries = { attempts: client.retries as number, on: ['5xx'], backoff: { base: 0, jitter: 'none' } };
  return {
    label: '',
    ratePerS: DEFAULT_RATE,
    warmupS: 0,
    text: file({
      warmupS: 0,
      durationS: size.n / DEFAULT_RATE,
      services: Object.fromEntries(
        names.map((name, i) => [name, i === layers - 1 ? { concurrency: 'unlimited', latency: '1ms', errors: failure_probability } : { ...front(), calls: names[i + 1]! }]),
      ),
      traffic: { to: names[0]!, rate: `${DEFAULT_RATE}/s` },
      policies: { default: { retries } },
    }),
  };
}

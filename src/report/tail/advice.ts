/** Which setting to look at, by what slow requests wait for. */
import type { TailPart, TailPlace, TailResult } from '../../result/result.ts';

/** In the words of a reader, before the name of a service or an edge. */
export const PART_WORDS: Readonly<Record<TailPart, string>> = {
  queue: 'queue at',
  service: 'service at',
  network: 'network to',
  connection: 'connection to',
  ready: 'no endpoint ready of',
  backoff: 'backoff before retrying',
  timedOut: 'attempt that timed out at',
  hedgeWait: 'wait for the hedge to',
};

/** An endpoint with so much of its service's time stands out. */
const OUTSTANDING = 0.6;
/** As many times as many attempts as at the median. */
const AMPLIFIED = 1.2;

/** Short, most important first; empty where the slow requests are like the others. */
export function adviceOf(tail: TailResult): string[] {
  const [worst] = tail.places;
  if (worst === undefined || worst.slowMs <= worst.medianMs) return [];
  const [amplifier] = tail.amplifiers;
  return [
    wordsFor(worst, outstandingOf(tail, worst.service)),
    ...(amplifier !== undefined && amplifier.slow.attempts > AMPLIFIED * amplifier.median.attempts
      ? [`retries or hedges of \`${amplifier.edge}\` multiply its calls for slow requests: a \`budget\` for them bounds that`]
      : []),
  ];
}

/** The endpoint that has most of what slow requests spend at the service. */
export function outstandingOf({ endpoints, services }: TailResult, service: string): string | null {
  const total = services[service];
  if (total === undefined) return null;
  const own = Object.entries(endpoints).filter(([name]) => name.slice(0, name.lastIndexOf('/')) === service);
  const found = own.find(([, { slowMs }]) => slowMs > OUTSTANDING * total.slowMs);
  return found === undefined || own.length === 1 ? null : found[0];
}

function wordsFor({ edge, part, service }: TailPlace, endpoint: string | null): string {
  switch (part) {
    case 'queue':
      return endpoint === null
        ? `\`${service}\` has too few slots for its load: \`replicas\`, \`concurrency\`, or a bound on the \`queue\` and a \`concurrencyLimit\` that turn work away earlier`
        : `requests queue at ${endpoint} while others are free: a \`loadBalancer\` that sees load, such as leastRequest or peakEwma, on \`${edge}\``;
    case 'service':
      return endpoint === null
        ? `\`${service}\` itself takes that long for some requests: \`hedge\` on \`${edge}\` sends a copy of the slow ones, a \`timeout\` bounds them`
        : `${endpoint} is slow: a \`loadBalancer\` that sees latency, such as peakEwma, or \`outlierDetection\` on \`${edge}\` keeps requests away from it`;
    case 'timedOut':
      return `they waited for attempts to time out on \`${edge}\`: a shorter \`timeout\` or \`retries.perTryTimeout\`, or \`outlierDetection\` or \`failureAccrual\` so that ${endpoint ?? 'who does not answer'} is not asked again`;
    case 'backoff':
      return `they waited between attempts on \`${edge}\`: \`retries.backoff\`, or what makes the attempts fail`;
    case 'hedgeWait':
      return `they waited for the hedge on \`${edge}\`: a shorter \`hedge.after\``;
    case 'network':
      return `messages on \`${edge}\` took long: \`locality\` keeps calls in their zone; look at faults on the edge, too`;
    case 'connection':
      return `they waited for a connection on \`${edge}\`: limits and timeouts of its \`connectionPool\``;
    case 'ready':
      return `no endpoint of \`${service}\` was ready: \`failfast\`, and what took them out of use`;
    default:
      return part satisfies never;
  }
}

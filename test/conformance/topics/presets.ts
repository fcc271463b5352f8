/** What the presets fill in, in the words of the products. */
import { istio } from '../../../src/scenario/preset/istio.ts';
import { parseScenario } from '../../../src/scenario/parse.ts';
import { parseDuration, parsePercent } from '../../../src/scenario/units.ts';
import type { Input, Topic, Topics } from '../topic.ts';

/** Istio's word for no limit. */
const UINT32_MAX = 4_294_967_295;

const istioDefaults: Topic = {
  notApplicable: {
    locality_all_levels: 'a zone of ours has no region and no subzone',
    locality_gaps_compacted: 'a zone of ours has no region and no subzone',
  },
  run({ kind, config }) {
    switch (kind) {
      case 'retries':
        return { envoy: retryPolicy(config) };
      case 'outlier':
        return { effective: outlierDetection(config) };
      case 'conn': {
        const pool = resolved({}).connectionPool;
        const limit = (value: unknown): unknown => (value === 'unlimited' ? UINT32_MAX : value);
        return { envoy: { max_connections: limit(pool.maxConnections), max_pending_requests: limit(pool.maxPendingRequests), max_requests: limit(pool.maxRequests), max_retries: limit(pool.maxRetries) } };
      }
      case 'lb':
        return { envoy: resolved({}).loadBalancer.type === 'leastRequest' ? 'LEAST_REQUEST' : 'another' };
      default:
        return null;
    }
  },
};

/** The policy with the preset, all of it written out. */
function resolved(keys: object): Input {
  const text = JSON.stringify({ duration: '1s', services: { web: { latency: 0 } }, traffic: [{ to: 'web', rate: '1/s' }], policies: { default: { preset: 'istio', ...keys } } });
  const { resolved: file, problems } = parseScenario(text);
  if (file === null) throw new Error(problems.map(({ message }) => message).join('; '));
  return (file as Input).policies.default;
}

function retryPolicy(config: Input): object | null {
  const { attempts, retryOn, perTryTimeout_ms } = config ?? {};
  const on = retryOn?.split(',').map((word: string) => (/^\d+$/.test(word) ? Number(word) : camelCase(word)));
  const { retries } = resolved({
    // No retries at all is a part that is off.
    retries: attempts === 0 ? 'none' : { ...(attempts === undefined ? {} : { attempts }), ...(on === undefined ? {} : { on }), ...(perTryTimeout_ms === undefined ? {} : { perTryTimeout: `${perTryTimeout_ms}ms` }) },
  });
  if (retries === 'none') return null;
  const words: (string | number)[] = retries.on;
  const codes = words.filter((word) => typeof word === 'number');
  const names = words.filter((word) => typeof word === 'string').map(kebabCase);
  return {
    num_retries: retries.attempts,
    // Istio's own list has the word for statuses and no status, which asks for nothing.
    retry_on: [...names, ...(codes.length > 0 || on === undefined ? ['retriable-status-codes'] : [])].join(','),
    retriable_status_codes: codes,
    host_selection_retry_max_attempts: istio.unsaid?.['host_selection_retry_max_attempts'],
    retry_host_predicate_previous_hosts: retries.avoidPrevious,
    per_try_timeout_ms: retries.perTryTimeout === 'none' ? null : ms(retries.perTryTimeout),
  };
}

function outlierDetection({ consecutive5xxErrors, consecutiveGatewayErrors, maxEjectionPercent, interval_ms }: Input): object {
  const { outlierDetection: file, panicThreshold } = resolved({
    outlierDetection: {
      ...(consecutive5xxErrors === undefined ? {} : { consecutive5xx: consecutive5xxErrors }),
      ...(consecutiveGatewayErrors === undefined ? {} : { consecutiveGatewayFailure: consecutiveGatewayErrors }),
      ...(interval_ms === undefined ? {} : { interval: `${interval_ms}ms` }),
      // A plain number of Istio's API: 0 and absent are the same there.
      ...(maxEjectionPercent === undefined || maxEjectionPercent === 0 ? {} : { maxEjectionPercent: `${maxEjectionPercent}%` }),
    },
  });
  return {
    enforcing_success_rate: percent(file.enforcingSuccessRate),
    consecutive_5xx: file.consecutive5xx,
    // Off is 0 failures here and a chance of 0 there.
    enforcing_consecutive_5xx: file.consecutive5xx === 0 ? 0 : percent(file.enforcingConsecutive5xx),
    consecutive_gateway_failure: file.consecutiveGatewayFailure,
    consecutive_gateway_failure_enforced: percent(file.enforcingConsecutiveGatewayFailure),
    interval_ms: ms(file.interval),
    base_ejection_time_ms: ms(file.baseEjectionTime),
    max_ejection_percent: percent(file.maxEjectionPercent),
    healthy_panic_threshold: percent(panicThreshold),
  };
}

function ms(text: string): number {
  return parseDuration(text)! / 1e6;
}

function percent(text: string): number {
  return parsePercent(text)! * 100;
}

function camelCase(word: string): string {
  return word.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

function kebabCase(word: string): string {
  return word.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

export const presetTopics: Topics = { 'other/istio_defaults': istioDefaults };

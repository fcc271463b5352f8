/**
 * Envoy's own spelling of retry conditions, as configurations and the headers `x-envoy-retry-on` and
 * `x-envoy-retry-grpc-on` have it: a list with commas, where a name nobody knows means nothing.
 */
import type { RetryWord } from '../../model/plan.ts';

const WORDS: ReadonlyMap<string, string> = new Map(
  [
    '5xx', 'gateway-error', 'reset', 'reset-before-request', 'connect-failure', 'envoy-ratelimited', 'retriable-4xx', 'refused-stream', 'retriable-headers',
    'cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable',
  ].map((name) => [name, name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())]),
);

/** @param statuses  what `retriable-status-codes` stands for */
export function retryWordsOfEnvoy(list: string, statuses: readonly number[]): RetryWord[] {
  return list.split(',').flatMap((item): readonly RetryWord[] => {
    const name = item.trim();
    if (name === 'retriable-status-codes') return statuses;
    const word = WORDS.get(name);
    return word === undefined ? [] : [word];
  });
}

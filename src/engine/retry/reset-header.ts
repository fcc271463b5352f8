/**
 * When an answer says one may come back: Envoy's `reset_headers` of a rate-limited retry back-off (1.38,
 * source/common/router/reset_header_parser.cc). The first header in the list that says something usable wins.
 */
import { NS_PER_S } from '../../model/units.ts';

export interface ResetHeader {
  readonly name: string;
  readonly format: 'SECONDS' | 'UNIX_TIMESTAMP';
}

const WHOLE_NUMBER = /^\s*\d+\s*$/;

/**
 * @param answer    headers of the answer
 * @param nowUnixS  whole seconds
 * @param maxNs     longer waits are not believed
 * @returns ns from now; null where no header is usable
 */
export function resetIntervalNs(answer: Readonly<Record<string, string>>, headers: readonly ResetHeader[], nowUnixS: number, maxNs: number): number | null {
  const values = new Map(Object.entries(answer).map(([name, value]) => [name.toLowerCase(), value]));
  for (const { name, format } of headers) {
    const value = values.get(name.toLowerCase());
    if (value === undefined || !WHOLE_NUMBER.test(value)) continue;
    const seconds = Number(value) - (format === 'UNIX_TIMESTAMP' ? nowUnixS : 0);
    if (seconds >= 0 && seconds * NS_PER_S <= maxNs) return seconds * NS_PER_S;
  }
  return null;
}

/** `--trace` and what else makes a run follow its requests. */
import type { TraceOrder } from '../run/traces.ts';
import { parsePercent } from '../scenario/units.ts';
import type { Flag } from './command.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

export const TRACE_FLAGS: readonly Flag[] = [
  { name: 'trace', value: 'file', group: 'Output', doc: 'write requests of the first replication there, one a line: every attempt, wait and call of each' },
  { name: 'trace-sample', value: 'share', group: 'Output', doc: 'with --trace: the share of requests to write, such as 10%; 1% unless given. Some that fail and the slowest are there in any case' },
];

const SHARE = 0.01;

/**
 * What the first replication is to keep of its requests; null for nothing.
 * @param isWritten  its result goes to a file, which then says where the slowest requests spent their time
 */
export function traceOf(settings: Settings, isWritten: boolean): TraceOrder | null {
  const file = settings.text('trace');
  const text = settings.text('trace-sample');
  if (file === null && text !== null) throw new UserError('usage', '--trace-sample goes with --trace');
  const isSpread = Number(settings.text('workers') ?? 0) > 0;
  if (file === null) return isWritten && !isSpread ? { share: 0 } : null;
  if (isSpread) throw new UserError('usage', `--trace ${file}: --workers has endpoints in threads of their own, where nobody sees their requests; leave out one of the two`);
  const share = text === null ? SHARE : (parsePercent(text) ?? (/^(0?\.\d+|[01])$/.test(text) ? Number(text) : null));
  if (share === null || share > 1) throw new UserError('usage', `--trace-sample ${text}: write a share up to 100%, such as 10% or 0.1`);
  return { file, share };
}

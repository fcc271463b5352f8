/** 10,000 requests among resets, crashes and timeouts: none is lost, none is settled twice, and every decision can be made again. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { replay } from '../../src/record/replay.ts';
import { runReal } from '../../src/run/run.ts';
import { planFrom } from '../support/plan-from.ts';
import type { ScenarioObject } from '../support/random-scenario.ts';
import { temporaryFolder } from '../support/scenario-files.ts';

const REQUESTS = 10_000;
/** A closed loop: as fast as the machine can, and never more in flight than users. */
const USERS = 60;
const folder = temporaryFolder();

function troubled(connectionPool: object | undefined): ScenarioObject {
  const flapping = (every: string, times: number): object => ({ repeat: { every, times } });
  return {
    duration: '120s',
    services: { web: { replicas: 3, concurrency: 'unlimited', latency: { exponential: '2ms' }, errors: '1%' } },
    policies: {
      default: {
        loadBalancer: 'leastRequest', timeout: '3s',
        retries: { attempts: 2, on: ['5xx', 'reset', 'connectFailure', 'timeout'], perTryTimeout: '1s', backoff: { base: '5ms', max: '20ms', jitter: 'full' } },
        outlierDetection: { consecutive5xx: 5, interval: '200ms', baseEjectionTime: '50ms' },
        ...(connectionPool === undefined ? {} : { connectionPool }),
      },
    },
    traffic: [{ to: 'web', clients: 2, users: USERS, thinkTime: '1ms' }],
    faults: [
      { at: '100ms', target: 'web/0', reset: '5%' },
      { at: '200ms', for: '50ms', ...flapping('300ms', 300), target: 'web/1', crash: true },
      { at: '400ms', for: '50ms', ...flapping('2s', 50), target: 'web/2', hang: true },
      { at: '700ms', for: '50ms', ...flapping('1s', 100), target: 'web', crash: true },
    ],
  };
}

describe.each<readonly [string, object | undefined]>([
  ['HTTP/1 without limits', undefined],
  ['HTTP/1 through pools', { maxConnections: 50, maxRequestsPerConnection: 100, connectTimeout: '500ms' }],
  ['HTTP/2', { protocol: 'http2', maxConnections: 6, maxConcurrentStreams: 15, maxRequestsPerConnection: 500, connectTimeout: '500ms' }],
])('over %s', (_, connectionPool) => {
  test('every request is settled once, every attempt answered once, and every decision made again', async () => {
    const path = join(folder, 'troubled.tape');
    const control = { onProgress: ({ requests }: { readonly requests: number }) => requests >= REQUESTS };
    const { totals } = await runReal(planFrom(troubled(connectionPool)), { control, recordTo: path });
    const books = booksOf(readFileSync(path, 'utf8').trimEnd().split('\n'));

    expect(books.wrong).toEqual([]);
    expect(totals.requests).toBeGreaterThanOrEqual(REQUESTS);
    expect(totals.ok + totals.failed).toBe(totals.requests);
    expect(Object.values(totals.causes).reduce((sum, count) => sum + count, 0)).toBe(totals.failed);
    // It was stopped while its users were waiting.
    expect(books.open).toBeLessThanOrEqual(USERS);
    expect(totals.causes['unfinished'] ?? 0).toBe(books.open);
    expect([books.begun, books.settled]).toEqual([totals.requests, totals.requests - books.open]);
    expect(books.answered + books.owed).toBe(books.sent);
    // All that was to be seen was seen, and some went well all the same.
    for (const outcome of ['reset', 'connectFailure', 'error']) expect(books.seen, outcome).toContain(outcome);
    expect(totals.ok).toBeGreaterThan(REQUESTS / 4);

    expect(await replay(path)).toMatchObject({ divergence: null, isWhole: true });
  });
});

interface Books {
  /** What nobody may do, at most a few of them. */
  readonly wrong: readonly string[];
  readonly begun: number;
  readonly settled: number;
  /** Calls that were never settled. */
  readonly open: number;
  readonly sent: number;
  readonly answered: number;
  /** Attempts that were still on their way at the end. */
  readonly owed: number;
  /** Outcomes of attempts, and of handshakes. */
  readonly seen: readonly string[];
}

/** Calls and attempts, counted from what the engine was told and decided. */
function booksOf(lines: readonly string[]): Books {
  const wrong: string[] = [];
  const seen = new Set<string>();
  const calls = new Set<string>();
  /** Whether the caller gave it up. */
  const attempts = new Map<string, boolean>();
  const count = { begun: 0, settled: 0, sent: 0, answered: 0 };
  const expectThat = (holds: boolean, line: string): void => {
    if (!holds && wrong.length < 5) wrong.push(line);
  };
  for (const line of lines) {
    const [, word, subject = '', outcome = ''] = line.split(' ');
    switch (word) {
      case 'begun':
        count.begun++;
        expectThat(!calls.has(subject), line);
        calls.add(subject);
        break;
      case 'settle':
        count.settled++;
        expectThat(calls.delete(subject), line);
        break;
      case 'send':
        count.sent++;
        expectThat(!attempts.has(subject), line);
        attempts.set(subject, false);
        break;
      case 'cancel':
        expectThat(attempts.get(subject) === false, line);
        attempts.set(subject, true);
        break;
      case 'attemptDone':
        count.answered++;
        seen.add(outcome);
        expectThat(attempts.delete(subject), line);
        break;
      case 'openFailed':
        seen.add('connectFailure');
        break;
      default:
    }
  }
  return { ...count, wrong, open: calls.size, owed: attempts.size, seen: [...seen] };
}

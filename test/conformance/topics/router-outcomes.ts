/** What Envoy's caller is answered: each scenario is acted out with the real engine, the answers given by hand. */
import type { AttemptRow, CallRow } from '../../../src/engine/calls.ts';
import { type Ending, replyOf, replyToReset } from '../../../src/engine/reply.ts';
import { ResetReason } from '../../../src/engine/retry/condition.ts';
import { retryWordsOfEnvoy } from '../../../src/engine/retry/envoy-words.ts';
import { Verdict } from '../../../src/engine/retry/retry-gate.ts';
import { kindOf, subjectOf, TimerKind } from '../../../src/engine/timers.ts';
import { Outcome } from '../../../src/model/outcome.ts';
import { NS_PER_MS } from '../../../src/model/units.ts';
import { type Opening, type Sent, type ToyOptions, ToyWorld } from '../../support/toy-world.ts';
import type { Input, Topics } from '../topic.ts';

export const routerOutcomes: Topics = {
  'envoy/router_outcomes': {
    run: ({ scenario }: Input) => play(scenario),
    notApplicable: {
      'route points to an unknown cluster': 'a file that names an unknown service is refused',
      'maintenance mode': 'nothing is switched at run time',
      'fault abort': 'faults strike endpoints and links, not the filters of the caller',
      'adaptive concurrency block': 'the limit of the serving side; ours is the caller’s',
      'panic with fail_traffic_on_panic': 'no such option: a caller in panic sends',
    },
  },
};

type Facts = Record<string, Input>;

function play(facts: Facts): unknown {
  if (facts['route'] === null) return told(replyOf(Outcome.unroutable, 0, PLAIN), {}, null);
  if (facts['local_rate_limited']) return told(replyOf(Outcome.rateLimited, 0, PLAIN), {}, null);
  if (facts['attempts']?.[0] === 'remote_reset') return told(replyToReset(ResetReason.remoteReset), {}, null);
  const router = new Router(optionsOf(facts));
  if (facts['selectable_hosts'] === 0 || facts['healthy'] !== undefined) ejectAllBut(router, facts['healthy'] ?? 0);
  if (facts['pending_full']) for (let i = 0; i < 2; i++) router.begin();
  const counted = router.counts();
  const request = router.begin();
  if (facts['wait_for_connection_ms'] !== undefined) waitThenAnswer(router, facts);
  else for (const attempt of facts['attempts'] ?? []) answer(router, request, attempt, facts);
  while (router.isOpen(request) && router.fireNext());
  const index = router.settled.findIndex((one) => one.request === request);
  const settled = router.settled[index]!;
  // What detection hears of is told in prose: it has heard of it where the one failure ejects.
  const outlier = router.ejections.length > 0 ? (LOCAL_ORIGIN[settled.outcome] ?? null) : null;
  return told(replyOf(settled.outcome, settled.status, router.endings[index]!), router.counts(counted), outlier, router.sent.filter((sent) => sent.request === request && sent.cancelled).length);
}

const PLAIN: Ending = { verdict: Verdict.final, isPerTry: false };

const LOCAL_ORIGIN: Readonly<Record<number, string>> = {
  [Outcome.connectFailure]: 'local origin connect failed (503 when not split)',
  [Outcome.timeout]: 'local origin timeout with code 504',
};

function told({ status, flags, details, body, headers }: ReturnType<typeof replyOf>, counters: object, outlier: string | null, cancelled = 0): unknown {
  return { status, outlier, flags, details, body, details_prefix: details.slice(0, -1), headers, headers_absent: ['x-envoy-overloaded'].filter((name) => !(name in headers)), counters, cancelled_attempts: cancelled };
}

/** No attempt ends so. */
const NOTHING: readonly string[] = ['refusedStream'];

function optionsOf(facts: Facts): ToyOptions {
  const ms = (value: number): string => `${value}ms`;
  const on = retryWordsOfEnvoy(facts['retry_on'] ?? '', []);
  const perTry = facts['per_try_timeout_ms'] === undefined ? {} : { perTryTimeout: ms(facts['per_try_timeout_ms']) };
  const retries = { attempts: on.length === 0 ? 0 : (facts['num_retries'] ?? 1), on: on.length === 0 ? NOTHING : on, ...perTry, backoff: { base: facts['event'] === 'route_timeout_during_backoff' ? '25ms' : 0, jitter: 'none' } };
  return {
    replicas: facts['hosts'] ?? 1,
    opensLater: facts['wait_for_connection_ms'] !== undefined || facts['attempts']?.includes('connect_refused') === true,
    policy: {
      timeout: ms(facts['route_timeout_ms'] ?? (facts['event'] === 'route_timeout_during_backoff' ? 15 : 15_000)),
      ...(on.length === 0 && facts['per_try_timeout_ms'] === undefined ? {} : { retries }),
      ...(facts['hedge_on_per_try_timeout'] ? { hedge: { after: 'none', onPerTryTimeout: true } } : {}),
      ...(facts['pending_full'] ? { connectionPool: { maxConnections: 1, maxPendingRequests: 1 } } : {}),
      ...(facts['max_retries'] === undefined ? {} : { connectionPool: { maxRetries: facts['max_retries'] } }),
      outlierDetection: { consecutive5xx: 1, maxEjectionPercent: '100%' },
      ...(facts['selectable_hosts'] === undefined ? {} : { panicThreshold: 0 }),
    },
  };
}

function ejectAllBut(router: Router, healthy: number): void {
  const hosts = router.hosts;
  while (router.ejections.length < hosts - healthy) {
    router.begin();
    router.answer(router.sent.at(-1)!, Outcome.error, 500);
  }
}

function waitThenAnswer(router: Router, facts: Facts): void {
  router.advanceTo(facts['wait_for_connection_ms'] * NS_PER_MS);
  router.opened(router.openings[0]!);
  const [sent] = router.owed;
  router.advanceTo(router.now + facts['upstream_latency_ms'] * NS_PER_MS);
  router.answer(sent!, Outcome.ok, 200);
}

/** The endpoint's part in one attempt, which is waited for. */
function answer(router: Router, request: number, attempt: string, facts: Facts): void {
  const waiting = (): Sent | undefined => router.owed.find((sent) => sent.request === request && !sent.cancelled && !sent.answered && !router.held.has(sent));
  while (router.isOpen(request) && waiting() === undefined && router.openings.length === 0 && router.fireNext());
  const [opening] = router.openings;
  if (attempt === 'connect_refused') router.openFailed(opening!);
  else if (opening !== undefined) router.opened(opening);
  const sent = waiting();
  if (sent === undefined) return;
  const later = /^(\d+)_at_(\d+)ms$/.exec(attempt);
  if (attempt === 'hang') router.held.add(sent);
  else if (later !== null) {
    router.advanceTo(Number(later[2]) * NS_PER_MS);
    router.answer(sent, ...answerOf(Number(later[1])));
  } else if (attempt === 'connection_closed_after_request_sent') router.answer(sent, Outcome.reset, 0);
  else router.answer(sent, ...answerOf(Number(attempt)));
  if (facts['event'] === 'route_timeout_during_backoff') router.advanceTo(20 * NS_PER_MS);
}

function answerOf(status: number): [Outcome, number] {
  return status < 400 ? [Outcome.ok, status] : [Outcome.error, status];
}

interface Counts {
  upstream_rq_total: number;
  upstream_rq_retry: number;
  upstream_rq_retry_success: number;
  upstream_rq_retry_overflow: number;
  upstream_rq_retry_limit_exceeded: number;
  upstream_rq_pending_overflow: number;
  upstream_rq_pending_failure_eject: number;
  upstream_cx_connect_fail: number;
  upstream_rq_timeout: number;
  upstream_rq_per_try_timeout: number;
  lb_healthy_panic: number;
}

/** Counts what Envoy counts. */
class Router extends ToyWorld {
  /** Attempts whose endpoint says nothing. */
  readonly held: Set<Sent> = new Set();
  readonly hosts: number;
  private isPanic: boolean = false;
  private readonly count: Counts = {
    upstream_rq_total: 0, upstream_rq_retry: 0, upstream_rq_retry_success: 0, upstream_rq_retry_overflow: 0, upstream_rq_retry_limit_exceeded: 0, upstream_rq_pending_overflow: 0,
    upstream_rq_pending_failure_eject: 0, upstream_cx_connect_fail: 0, upstream_rq_timeout: 0, upstream_rq_per_try_timeout: 0, lb_healthy_panic: 0,
  };

  constructor(options: ToyOptions) {
    super(options);
    this.hosts = options.replicas!;
  }

  counts(before: Counts | null = null): Counts {
    return Object.fromEntries(Object.entries(this.count).map(([name, value]) => [name, value - (before?.[name as keyof Counts] ?? 0)])) as unknown as Counts;
  }

  override openFailed(opening: Opening): void {
    this.count.upstream_cx_connect_fail++;
    // Each case has one request waiting.
    this.count.upstream_rq_pending_failure_eject++;
    super.openFailed(opening);
  }

  override send(attempt: AttemptRow, endpoint: number, now: number): void {
    this.count.upstream_rq_total++;
    if (this.isPanic) this.count.lb_healthy_panic++;
    super.send(attempt, endpoint, now);
  }

  override cancel(attempt: number, now: number): void {
    const kind = this.firing === null ? null : kindOf(this.firing);
    if (kind === TimerKind.callTimeout) this.count.upstream_rq_timeout++;
    if (kind === TimerKind.attemptTimeout) this.count.upstream_rq_per_try_timeout++;
    super.cancel(attempt, now);
  }

  override arm(timer: number, due: number): void {
    // The same timer is for hedges, and settles calls that fail at once.
    if (kindOf(timer) === TimerKind.backoff && this.engine.calls.rows[subjectOf(timer)]!.awaitsRetry) this.count.upstream_rq_retry++;
    super.arm(timer, due);
  }

  override settle(call: CallRow, outcome: Outcome, status: number, now: number): void {
    const { attempts } = call;
    super.settle(call, outcome, status, now);
    if (outcome === Outcome.ok && attempts > 1) this.count.upstream_rq_retry_success++;
    const { verdict } = this.endings.at(-1)!;
    if (verdict === Verdict.limitReached) this.count.upstream_rq_retry_limit_exceeded++;
    if (verdict === Verdict.overflow || verdict === Verdict.budgetRefused) this.count.upstream_rq_retry_overflow++;
    if (outcome === Outcome.overflow) this.count.upstream_rq_pending_overflow++;
  }

  override panicked(edge: number, caller: number, on: boolean, now: number): void {
    super.panicked(edge, caller, on, now);
    this.isPanic = on;
  }
}

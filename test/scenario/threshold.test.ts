import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../src/scenario/parse.ts';
import { METRICS, parseMetric, parseThreshold, tagNamesOf } from '../../src/scenario/threshold.ts';
import { FULL } from './corpus.ts';

describe('a threshold', () => {
  it.each([
    ['latency p(99) < 250ms', { metric: 'latency', stat: { kind: 'percentile', p: 0.99 }, op: '<', limit: 250e6, unit: 'ns', tags: {} }],
    ['latency p(99.9)<=1.5s', { stat: { kind: 'percentile', p: 0.9990000000000001 }, op: '<=', limit: 1.5e9 }],
    ['latency med < 5ms', { stat: { kind: 'percentile', p: 0.5 } }],
    ['latency count >= 100', { stat: { kind: 'count' }, limit: 100, unit: 'count' }],
    ['errors rate < 0.1%', { metric: 'errors', stat: { kind: 'rate' }, limit: 0.001, unit: 'ratio' }],
    ['errors rate < 0.001', { limit: 0.001 }],
    ['requests rate > 30/m', { limit: 0.5, unit: 'perSecond' }],
    ['retries ratio < 1.2', { limit: 1.2, unit: 'ratio' }],
    ['hedges ratio < 5%', { limit: 0.05, unit: 'ratio' }],
    ['queue avg < 10ms', { unit: 'ns' }],
    ['busy max < 90%', { limit: 0.9, unit: 'ratio' }],
    ['ejected count == 0', { op: '==', limit: 0 }],
    ['goodput rate != 0/s', { op: '!=', limit: 0 }],
    ['breaker_open avg < 5%', { metric: 'breaker_open', limit: 0.05, unit: 'ratio' }],
    ['breaker_open{edge:web->cart, phase:cut} count == 0', { unit: 'count', tags: { edge: 'web->cart', phase: 'cut' } }],
    ['recovery{phase:cut} max < 5s', { tags: { phase: 'cut' } }],
    ['latency{service:cart, phase:after:cut} p(99) < 1s', { tags: { service: 'cart', phase: 'after:cut' } }],
    ['latency{edge:web->cart#impatient} p(99) < 1s', { tags: { edge: 'web->cart#impatient' } }],
    ['queue{replica:cart/4} max < 1s', { tags: { endpoint: 'cart/4' } }],
  ])('reads %s', (expr, expected) => {
    expect(parseThreshold(expr)).toMatchObject({ problems: [], threshold: { expr, confidence: 'point', abort: null, line: null, ...expected } });
  });

  it.each([
    ['latency p(101) < 1s', 'bad-threshold', [8, 9]],
    ['latency p(99) < 1', 'missing-unit', [16, 17]],
    ['latency p(99) < 5%', 'bad-threshold', [16, 18]],
    ['errors rate < 20', 'out-of-range', [14, 16]],
    ['errors{service:a,service:b} rate < 2%', 'bad-threshold', [17, 26]],
    ['errors{service} rate < 2%', 'bad-threshold', [7, 14]],
    ['latency p(99) ~ 5ms', 'bad-threshold', [0, 19]],
    ['', 'bad-threshold', [0, 0]],
    ['queue{class:buy} avg < 1s', 'bad-threshold', [6, 15]],
    ['breaker_open{class:buy} avg < 5%', 'bad-threshold', [13, 22]],
    ['breaker_open{endpoint:a/0} count < 5', 'bad-threshold', [13, 25]],
    ['breaker_open avg < 5', 'out-of-range', [19, 20]],
    ['retries{endpoint:a/0} ratio < 2', 'bad-threshold', [8, 20]],
    ['latency{endpoint:a/0,phase:cut} avg < 1s', 'bad-threshold', [8, 30]],
  ])('refuses %s', (expr, code, [start, end]) => {
    expect(parseThreshold(expr)).toMatchObject({ threshold: null, problems: [{ code, start, end }] });
  });

  it.each([
    ['errors rate < 0%', 'keep'],
    ['errors rate > 100%', 'keep'],
    ['retries ratio <= 0.9', 'keep'],
    ['ejected count < 0', 'keep'],
    ['retries ratio == 0.5', 'keep'],
    ['requests count >= 0', 'break'],
    ['retries ratio >= 1', 'break'],
    ['busy max <= 1', 'break'],
    ['retries ratio != 0.5', 'break'],
  ])('says what comes of every run: %s', (expr, which) => {
    const { problems, threshold } = parseThreshold(expr);
    expect(threshold).not.toBeNull();
    expect(problems).toMatchObject([{ code: 'no-effect', severity: 'warning', message: expect.stringMatching(`no run can ${which} this limit`) }]);
  });

  it('may only name what the plan has', () => {
    const names = tagNamesOf(parseScenario(FULL).plan!);
    for (const tag of ['service:cart', 'edge:web->cart', 'endpoint:cart/4', 'traffic:browse', 'class:buy', 'phase:fault-2', 'phase:after:slow-middle']) {
      expect(parseThreshold(`latency{${tag}} avg < 1s`, names).problems).toEqual([]);
    }
    for (const [tag, hint] of [['service:crat', 'did you mean `cart`?'], ['endpoint:cart/5', 'did you mean `cart/0`?'], ['class:by', 'did you mean `buy`?'], ['phase:slow-midle', 'did you mean `slow-middle`?']] as const) {
      expect(parseThreshold(`latency{${tag}} avg < 1s`, names).problems).toMatchObject([{ code: 'unknown-reference', hint }]);
    }
  });
});

describe('a metric without a limit', () => {
  const { plan } = parseScenario('duration: 9s\nservices: { web: { latency: 1ms } }\ntraffic: [{ to: web, rate: 1/s }]\n');
  const read = (text: string): ReturnType<typeof parseMetric> => parseMetric(text, tagNamesOf(plan!));

  it.each([
    ['latency p(99.9)', { metric: 'latency', tags: {}, stat: { kind: 'percentile', p: 99.9 / 100 }, unit: 'ns' }],
    ['latency', { metric: 'latency', tags: {}, stat: { kind: 'percentile', p: 0.99 }, unit: 'ns' }],
    [' busy{service:web} ', { metric: 'busy', tags: { service: 'web' }, stat: { kind: 'avg' }, unit: 'ratio' }],
    ['errors', { metric: 'errors', tags: {}, stat: { kind: 'rate' }, unit: 'ratio' }],
    ['requests count', { metric: 'requests', tags: {}, stat: { kind: 'count' }, unit: 'count' }],
  ])('%s', (text, metric) => expect(read(text)).toEqual({ metric, problems: [] }));

  it.each([
    ['error', '`error` is not a metric'], ['latency{service:wob}', 'there is no service `wob`'], ['latency < 3ms', 'is not a metric'], ['hedges max', 'cannot be asked of `hedges`'],
    ['recovery', '`recovery` needs the fault it is about'], ['', 'is not a metric'],
  ])('%s is none', (text, message) => {
    const { metric, problems } = read(text);
    expect([metric, problems.length]).toEqual([null, 1]);
    expect(problems[0]!.message).toContain(message);
  });

  it('has a statistic for each', () => {
    for (const [name, { stats, usual }] of Object.entries(METRICS)) expect(Object.keys(stats), name).toContain(usual);
  });
});

it('does not take the end of a metric for a statistic', () => {
  expect(parseThreshold('errors < 1%').problems).toMatchObject([{ message: '`errors < 1%` is not a threshold' }]);
});

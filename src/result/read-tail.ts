/** The shape of `tail` in a result file; see `read-result.ts`. */
import * as v from 'valibot';
import { OUTCOME_NAMES } from '../model/outcome.ts';
import type { CallTrace, RequestTrace, TailResult } from './result.ts';

const text = v.string();
const number = v.number();
const known = v.nullable(number);
const outcome = v.picklist(OUTCOME_NAMES);
const part = v.picklist(['queue', 'service', 'network', 'connection', 'ready', 'backoff', 'timedOut', 'hedgeWait']);
const times = v.object({ slowMs: number, medianMs: number });
const effort = v.object({ calls: number, attempts: number, retries: number, hedges: number, abandoned: number });
const group = v.object({ requests: number, examined: number, fromMs: number, toMs: number, meanMs: number, failed: number });

const call: v.GenericSchema<CallTrace> = v.object({
  edge: text, service: text, fromMs: number, toMs: known, outcome: v.exactOptional(outcome),
  attempts: v.array(v.object({
    kind: v.picklist(['first', 'retry', 'hedge']), endpoint: text, sentMs: number,
    arrivedMs: v.exactOptional(number), startedMs: v.exactOptional(number), answeredMs: v.exactOptional(number), toMs: known,
    outcome: v.exactOptional(outcome), wastedMs: v.exactOptional(number), calls: v.array(v.lazy(() => call)),
  })),
  waits: v.array(v.object({ kind: v.picklist(['backoff', 'connection', 'ready']), fromMs: number, toMs: number })),
});

export const REQUEST: v.GenericSchema<RequestTrace> = v.object({
  request: number, source: text, class: text, arrivedMs: number, latencyMs: number, outcome, parts: v.record(part, number), call, leftOut: number,
});

export const TAIL: v.GenericSchema<TailResult> = v.object({
  requests: number, slow: group, median: group,
  parts: v.record(part, times),
  places: v.array(v.object({ ...times.entries, part, edge: text, service: text })),
  otherPlaces: times,
  services: v.record(text, times), endpoints: v.record(text, times), edges: v.record(text, times),
  amplifiers: v.array(v.object({ edge: text, service: text, slow: effort, median: effort, chain: v.array(v.object({ edge: text, attemptsPerCall: number })) })),
  typical: v.array(v.object({ share: number, part, edge: text, service: text, request: REQUEST })),
  slowest: v.array(REQUEST),
});

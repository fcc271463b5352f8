/**
 * A request as lines of text: one for each attempt, deepest calls furthest in, with a bar from when it was sent until its caller had done
 * with it. The light part of a bar is the way there and the queue, the dark one the slot.
 */
import type { AttemptTrace, CallTrace, RequestTrace } from '../../result/result.ts';
import { milliseconds } from '../format.ts';
import { printable } from '../summary.ts';
import { lengthOf, shorten } from '../text.ts';

const LABEL_MOST = 28;
const BAR_LEAST = 10;
const FIGURE = 22;

interface Line {
  readonly label: string;
  readonly attempt: AttemptTrace;
}

/** @param most  lines; what is left out is counted in the last one */
export function waterfall({ call, latencyMs, leftOut }: RequestTrace, width: number, most: number): string[] {
  const all = linesOf(call, 0);
  const shown = all.length > most || leftOut > 0 ? all.slice(0, most - 1) : all;
  const labelWidth = Math.min(LABEL_MOST, Math.max(...shown.map(({ label }) => lengthOf(label))));
  const barWidth = Math.max(BAR_LEAST, width - labelWidth - FIGURE);
  const rows = shown.map(({ attempt, label }) => `${shorten(label, labelWidth).padEnd(labelWidth)} ${barOf(attempt, latencyMs, barWidth)} ${figureOf(attempt)}`.trimEnd());
  const rest = all.length - shown.length + leftOut;
  return rest > 0 ? [...rows, `and ${rest} more attempts and calls`] : rows;
}

function linesOf({ attempts }: CallTrace, depth: number): Line[] {
  return attempts.flatMap((attempt) => [
    { label: `${'  '.repeat(depth)}${printable(attempt.endpoint)}${attempt.kind === 'first' ? '' : ` ${attempt.kind}`}`, attempt },
    ...attempt.calls.flatMap((call) => linesOf(call, depth + 1)),
  ]);
}

function barOf({ sentMs, startedMs, toMs }: AttemptTrace, latencyMs: number, width: number): string {
  const end = toMs ?? latencyMs;
  const at = (ms: number): number => Math.min(width, Math.round((ms / latencyMs) * width));
  const from = Math.min(width - 1, at(sentMs));
  const to = Math.max(from + 1, at(end));
  const dark = startedMs === undefined ? to : Math.min(to, Math.max(from, at(startedMs)));
  return `${' '.repeat(from)}${'░'.repeat(dark - from)}${'█'.repeat(to - dark)}${' '.repeat(width - to)}`;
}

function figureOf({ outcome, sentMs, toMs }: AttemptTrace): string {
  const said = outcome === undefined || outcome === 'ok' ? '' : ` ${outcome === 'unfinished' ? 'given up' : outcome}`;
  return `${toMs === null ? 'open' : milliseconds(toMs - sentMs)}${said}`;
}

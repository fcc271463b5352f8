/**
 * How far a run is, or many, on stderr. On a terminal that someone watches: two lines, redrawn at most ten
 * times a second and erased at the end. Elsewhere plain lines: one at the start, one every ten
 * seconds at most, one at the end, and no cursor codes.
 */
import type { Plan } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';
import * as format from '../report/format.ts';
import { lengthOf, shorten } from '../report/text.ts';
import type { PoolProgress } from '../run/pool.ts';
import type { Mode } from '../run/run.ts';
import type { OutputLook } from './look.ts';
import type { Output } from './shell.ts';

export interface ProgressDisplay {
  /** Call often; it draws only as often as it may. */
  update(progress: PoolProgress, nowMs: number, known?: () => string): void;
  /** Once, before anything else is printed. */
  end(progress: PoolProgress, nowMs: number): void;
}

export interface Subject extends Pick<Plan, 'name' | 'seed' | 'durationNs'> {
  /** Virtual time unless it says otherwise. */
  readonly mode?: Mode['kind'];
  /** What is counted where nobody knows how many there will be; `runs` unless it says otherwise. */
  readonly unit?: string;
  /** How many runs there will be, null while nobody knows … */
  readonly runs: number | null;
  /** … unless fewer do. */
  readonly isAtMost?: boolean;
}

const REDRAW_MS = 100;
const LINE_MS = 10_000;
/** A run shorter than this shows nothing: a flash is no information. */
const QUIET_START_MS = 150;
const BAR_WIDTH = 20;

export const noProgress: ProgressDisplay = { update: () => undefined, end: () => undefined };

export function liveProgress(output: Output, look: OutputLook, subject: Subject, startMs: number): ProgressDisplay {
  let drawnMs = startMs + QUIET_START_MS - REDRAW_MS;
  let isDrawn = false;
  const erase = (): void => {
    // Up from the second line to the first, then clear to the end of the screen.
    if (isDrawn) output.write('\u001b[1A\r\u001b[J');
    isDrawn = false;
  };
  return {
    update(progress, nowMs, known) {
      if (nowMs - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs;
      erase();
      // One column is left free: some terminals wrap when the last one is written.
      const lines = [firstLine(progress, subject, look, nowMs - startMs), `     ${countsOf(progress, subject, known, look.unicode)}`].map((line) => shorten(line, look.width - 1));
      output.write(lines.join('\n'));
      isDrawn = true;
    },
    end: erase,
  };
}

export function plainProgress(output: Output, subject: Subject, startMs: number): ProgressDisplay {
  let writtenMs = startMs;
  const line = (text: string): void => output.write(`${subject.mode ?? 'sim'} ${subject.name}: ${text}\n`);
  const many = subject.runs === null ? 'runs of ' : subject.runs > 1 ? `${subject.isAtMost ? 'at most ' : ''}${subject.runs} x ` : '';
  const what = subject.unit ?? `${many}${format.duration(subject.durationNs / 1e6)} to ${subject.mode === 'real' ? 'run' : 'simulate'}`;
  line(`seed ${subject.seed}, ${what}`);
  return {
    update(progress, nowMs, known) {
      if (nowMs - writtenMs < LINE_MS) return;
      writtenMs = nowMs;
      line(`${subject.runs === null ? '' : `${format.wholePercent(shareOf(progress, subject))}, `}${countsOf(progress, subject, known)}`);
    },
    end(progress, nowMs) {
      line(`ended after ${format.duration(nowMs - startMs)}, ${countsOf({ ...progress, running: [] }, subject)}`);
    },
  };
}

function firstLine(progress: PoolProgress, subject: Subject, { unicode, width }: OutputLook, elapsedMs: number): string {
  const speed = elapsedMs > 0 ? `${format.number((progress.events * 1000) / elapsedMs)} ev/s` : '';
  if (subject.runs === null) return [`${subject.mode ?? 'sim'}  ${subject.name}`, `seed ${subject.seed}`, format.duration(elapsedMs), speed].join('   ');
  const share = shareOf(progress, subject);
  const wholeNs = subject.runs * subject.durationNs;
  const at = `${fixed(share * wholeNs)} / ${fixed(wholeNs)} s`;
  const left = share > 0 && share < 1 ? `eta ${format.duration((elapsedMs * (1 - share)) / share)}` : isDraining(progress) ? 'draining' : 'running';
  const parts = [`${subject.mode ?? 'sim'}  ${subject.name}`, `seed ${subject.seed}`, `${bar(share, unicode)} ${format.wholePercent(share)}`, at, speed, left];
  // Too narrow for all: the bar stays, the name is cut, the rest leaves from the end.
  while (parts.length > 3 && lengthOf(parts.join('   ')) >= width) parts.pop();
  const excess = lengthOf(parts.join('   ')) - (width - 1);
  if (excess > 0) parts[0] = shorten(parts[0]!, Math.max(10, lengthOf(parts[0]!) - excess));
  return parts.join('   ');
}

function bar(share: number, isUnicode: boolean): string {
  const full = Math.round(share * BAR_WIDTH);
  return isUnicode
    ? `▐${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}▌`
    : `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}]`;
}

function countsOf(progress: PoolProgress, { runs, isAtMost, unit = 'runs' }: Subject, known?: () => string, isUnicode = false): string {
  const { ended, requests, failed } = progress;
  const many = runs === null ? `${ended} ${unit}, ` : runs > 1 ? `rep ${ended}${isAtMost ? ' of at most ' : '/'}${runs}, ` : '';
  const errors = requests > 0 ? `, errors ${format.percent(failed / requests)}` : '';
  const words = (known?.() ?? '').replace('±', isUnicode ? '±' : '+-');
  return `${many}${words === '' ? '' : `${words}, `}${format.count(requests)} requests${errors}${isDraining(progress) ? ', draining' : ''}`;
}

/** Nothing arrives any more in what is under way. */
function isDraining({ running }: PoolProgress): boolean {
  return running.length > 0 && running.every(({ phase }) => phase === 'draining');
}

function shareOf({ ended, running }: PoolProgress, { durationNs, runs }: Subject): number {
  const done = running.reduce((sum, { nowNs, phase }) => sum + (phase === 'draining' ? 1 : Math.min(1, nowNs / durationNs)), ended);
  return runs === null ? 0 : Math.min(1, done / runs);
}

function fixed(ns: number): string {
  return (ns / NS_PER_S).toFixed(1);
}

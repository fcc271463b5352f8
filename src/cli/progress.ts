/**
 * How far a run is, or many, on stderr. On a terminal that someone watches: two lines, redrawn at most ten
 * times a second and erased at the end. Elsewhere plain lines: one at the start, one every ten
 * seconds at most, one at the end, and no cursor codes.
 */
import type { Plan } from '../model/plan.ts';
import { NS_PER_S } from '../model/units.ts';
import * as format from '../report/format.ts';
import { asciiOf } from '../report/style.ts';
import { printable } from '../report/summary.ts';
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
  return {
    update(progress, nowMs, known) {
      if (nowMs - drawnMs < REDRAW_MS) return;
      drawnMs = nowMs;
      const lines = [firstLine(progress, subject, look, nowMs - startMs), `     ${countsOf(progress, subject, known)}`];
      // At once, so that nothing flickers.
      output.write(`${isDrawn ? ERASE : ''}${lines.map((line) => fitted(line, look)).join('\n')}`);
      isDrawn = true;
    },
    end() {
      if (isDrawn) output.write(ERASE);
      isDrawn = false;
    },
  };
}

/**
 * The second line, then the first, where the cursor stays. Not the screen from there on, which terminals keep in their history when
 * it is all of the screen.
 */
const ERASE = '\r\u001b[2K\u001b[1A\u001b[2K';

/** One column is left free: some terminals wrap when the last one is written. */
function fitted(line: string, { unicode, width }: OutputLook): string {
  const text = shorten(unicode ? line : asciiOf(line), width - 1);
  return unicode ? text : asciiOf(text);
}

export function plainProgress(output: Output, { unicode }: Pick<OutputLook, 'unicode'>, subject: Subject, startMs: number): ProgressDisplay {
  let writtenMs = startMs;
  const line = (text: string): void => {
    const whole = `${subject.mode ?? 'sim'} ${printable(subject.name)}: ${text}`;
    output.write(`${unicode ? whole : asciiOf(whole)}\n`);
  };
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
  const name = `${subject.mode ?? 'sim'}  ${printable(subject.name)}`;
  const seed = `seed ${subject.seed}`;
  if (subject.runs === null) return joined([name, seed, format.duration(elapsedMs), speed]);
  const share = shareOf(progress, subject);
  const wholeNs = subject.runs * subject.durationNs;
  const at = `${fixed(share * wholeNs)} / ${fixed(wholeNs)} s`;
  const left = share > 0 && share < 1 ? `eta ${format.duration((elapsedMs * (1 - share)) / share)}` : isDraining(progress) ? 'draining' : 'running';
  const barred = `${bar(share, unicode)} ${format.wholePercent(share)}`;
  const room = width - 1;
  const widest = [[name, seed, barred, at, speed, left], [name, seed, barred, at, left], [name, seed, barred, left]].map(joined).find((line) => lengthOf(line) <= room);
  if (widest !== undefined) return widest;
  // What is wanted most is how far it is and how long it takes; the name is cut.
  const rest = [joined([barred, left]), barred].find((text) => lengthOf(text) + GAP.length + NAME_LEAST <= room) ?? barred;
  return joined([shorten(name, Math.max(NAME_LEAST, room - lengthOf(rest) - GAP.length)), rest]);
}

const GAP = '   ';
const NAME_LEAST = 10;

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(GAP);
}

function bar(share: number, isUnicode: boolean): string {
  const full = Math.round(share * BAR_WIDTH);
  return isUnicode
    ? `▐${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)}▌`
    : `[${'#'.repeat(full)}${'-'.repeat(BAR_WIDTH - full)}]`;
}

function countsOf(progress: PoolProgress, { runs, isAtMost, unit = 'runs' }: Subject, known?: () => string): string {
  const { ended, requests, failed } = progress;
  const many = runs === null ? `${ended} ${unit}, ` : runs > 1 ? `rep ${ended}${isAtMost ? ' of at most ' : '/'}${runs}, ` : '';
  const errors = requests > 0 ? `, errors ${format.percent(failed / requests)}` : '';
  const words = known?.() ?? '';
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

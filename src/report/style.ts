/** Colour and marks of a terminal. Colour never says anything alone: a mark or a word goes with it. */
import pc from 'picocolors';

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong';
export type Mark = 'pass' | 'fail' | 'unsure' | 'warn' | 'none';

export interface Look {
  readonly color: boolean;
  /** Without it every character is ASCII. */
  readonly unicode: boolean;
}

export interface Style {
  paint(text: string, tone: Tone | undefined): string;
  mark(mark: Mark): string;
  /** The ASCII stand-in for each sign we use, where the terminal has only that. */
  plain(text: string): string;
}

const MARKS: Readonly<Record<Mark, { readonly unicode: string; readonly ascii: string }>> = {
  pass: { unicode: '✓', ascii: 'ok' },
  fail: { unicode: '✗', ascii: 'FAIL' },
  unsure: { unicode: '~', ascii: '~' },
  warn: { unicode: '!', ascii: '!' },
  none: { unicode: '', ascii: '' },
};

const STAND_INS: readonly (readonly [RegExp, string])[] = [
  [/×/g, 'x'], [/·/g, '-'], [/…/g, '~'], [/–/g, '-'], [/█/g, '#'], [/░/g, '='], [/▇/g, '*'], [/▆/g, '+'], [/▅/g, '='], [/▄/g, '-'], [/▃/g, ':'], [/▂/g, '.'], [/▁/g, '_'], [/→/g, '->'], [/≤/g, '<='], [/±/g, '+-'],
];

export function styleOf({ color, unicode }: Look): Style {
  const colors = pc.createColors(color);
  const paints: Readonly<Record<Tone, (text: string) => string>> = {
    good: colors.green, bad: colors.red, warn: colors.yellow, dim: colors.dim, strong: colors.bold,
  };
  return {
    paint: (text, tone) => (tone === undefined ? text : paints[tone](text)),
    mark: (mark) => MARKS[mark][unicode ? 'unicode' : 'ascii'],
    plain: (text) => (unicode ? text : asciiOf(text)),
  };
}

/** Ours by their stand-ins; what a name from a file has beside them shows that something stood there. */
export function asciiOf(text: string): string {
  return STAND_INS.reduce((out, [sign, instead]) => out.replace(sign, instead), text).replace(/[^\x00-\x7f]/gu, '?');
}

export const MARK_TONES: Readonly<Record<Mark, Tone>> = { pass: 'good', fail: 'bad', unsure: 'warn', warn: 'warn', none: 'dim' };

/**
 * Values 0..most as text, two characters each: a heat map of 64 rows and 240 steps is 30 kB, a third of what it is as JSON. Known to 1/4094 of the
 * largest, which no colour shows.
 */
const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const LEVELS: number = SIGNS.length ** 2 - 2;
/** The last code stands for nothing measured. */
const NOTHING: number = SIGNS.length ** 2 - 1;

export function packed(values: readonly (number | null)[], most: number): string {
  return values.map((value) => {
    const code = value === null ? NOTHING : most === 0 ? 0 : Math.round((Math.min(value, most) / most) * LEVELS);
    return SIGNS[Math.floor(code / SIGNS.length)]! + SIGNS[code % SIGNS.length]!;
  }).join('');
}

export function unpacked(text: string, most: number): (number | null)[] {
  return Array.from({ length: text.length / 2 }, (_, i) => {
    const code = SIGNS.indexOf(text[2 * i]!) * SIGNS.length + SIGNS.indexOf(text[2 * i + 1]!);
    return code === NOTHING ? null : (code / LEVELS) * most;
  });
}

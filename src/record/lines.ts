/** A file line by line, a piece of it in memory at a time. */
import { createReadStream } from 'node:fs';
import { BadRecording } from './recording.ts';

/** Characters; the longest line by far is the first, with the plan in it. */
const LONGEST = 2 ** 28;

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
}

/** The lines that have an end: whoever was writing the last one may have been stopped in the middle of it. */
export async function* linesOf(path: string): AsyncGenerator<Line, void, void> {
  let rest = '';
  let number = 0;
  for await (const piece of createReadStream(path, { encoding: 'utf8', highWaterMark: 2 ** 18 }) as AsyncIterable<string>) {
    const texts = piece.split('\n');
    texts[0] = rest + texts[0]!;
    rest = texts.pop()!;
    if (rest.length > LONGEST) throw new BadRecording(`line ${number + texts.length + 1}: no line of a recording is as long as this`);
    for (const text of texts) yield { text, number: ++number };
  }
}

/**
 * The file of a recording: a line of JSON that says what was recorded, a line for each input of the engine and, after it, each
 * decision that it led to, and a last line `end INPUTS DECISIONS`, missing where the recording breaks off. `docs/recording.md`.
 */
import { DECISIONS, INPUTS } from '../engine/tape/words.ts';
import type { Plan } from '../model/plan.ts';
import { VERSION } from '../model/version.ts';

/** Grows with every change after which a recording reads differently. */
export const RECORDING_FORMAT = 'meshsim/recording/1';

export const END_WORD = 'end';

/** All that an engine is made of, and where the recording comes from. */
export interface RecordingHeader {
  readonly format: typeof RECORDING_FORMAT;
  readonly meshsim: string;
  readonly mode: 'sim' | 'real';
  readonly seed: number;
  readonly modelsConnections: boolean;
  /** For people: what the values of each line are. */
  readonly inputs: Readonly<Record<string, readonly string[]>>;
  readonly decisions: Readonly<Record<string, readonly string[]>>;
  readonly plan: Plan;
}

const NO_RECORDING = 'this is no recording; `meshsim run SCENARIO --record FILE` writes one';

/** The recording cannot be read; the message says where and why. */
export class BadRecording extends Error {
  override readonly name: string = 'BadRecording';
}

export function headerLine(mode: RecordingHeader['mode'], plan: Plan, seed: number, modelsConnections: boolean): string {
  const header: RecordingHeader = { format: RECORDING_FORMAT, meshsim: VERSION, mode, seed, modelsConnections, inputs: INPUTS, decisions: DECISIONS, plan };
  return jsonOf(header);
}

/** @throws BadRecording */
export function parseHeader(line: string): RecordingHeader {
  let header: Partial<RecordingHeader> | null;
  try {
    header = JSON.parse(line) as Partial<RecordingHeader> | null;
  } catch {
    throw new BadRecording(NO_RECORDING);
  }
  const format = typeof header === 'object' ? header?.format : undefined;
  if (format === undefined) throw new BadRecording(NO_RECORDING);
  if (format !== RECORDING_FORMAT) throw new BadRecording(`the recording is in the format \`${String(format)}\`, and this meshsim reads \`${RECORDING_FORMAT}\``);
  // Written by us, and what is wrong in it shows when an engine is made of it.
  return header as RecordingHeader;
}

/**
 * As `JSON.stringify`, which has no infinite numbers: 1e999 is one to all who read JSON numbers as doubles.
 * @param value  plain data
 */
function jsonOf(value: unknown): string {
  if (value === Infinity) return '1e999';
  if (value === -Infinity) return '-1e999';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonOf).join(',')}]`;
  return `{${Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}:${jsonOf(item)}`).join(',')}}`;
}

/** What is on the desk as the fragment of an address: the whole of it, so that whoever gets the address needs nothing else. */
import type { Settings } from '../../src/playground/controls.ts';
import { bytesOf, deflated, inflatedBytes } from './deflate.ts';

export interface State {
  readonly text: string;
  readonly sides: readonly [Settings] | readonly [Settings, Settings];
}

/** `#1.` and then JSON, deflated, in letters that an address may have. */
const VERSION = '1';

export async function fragmentOf(state: State): Promise<string> {
  const bytes = await deflated(new TextEncoder().encode(JSON.stringify(state)));
  const letters = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return `#${VERSION}.${letters.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** A text that unpacks to more is not one of ours. */
const MOST_BYTES = 1_000_000;

/** Null where there is nothing, or nothing that can be understood. */
export async function stateIn(fragment: string): Promise<State | null> {
  const [version, letters] = fragment.slice(1).split('.');
  if (version !== VERSION || letters === undefined) return null;
  try {
    const packed = bytesOf(letters.replaceAll('-', '+').replaceAll('_', '/'));
    const state: unknown = JSON.parse(new TextDecoder().decode(await inflatedBytes(packed, MOST_BYTES)));
    return isState(state) ? state : null;
  } catch {
    return null;
  }
}

function isState(value: unknown): value is State {
  if (typeof value !== 'object' || value === null) return false;
  const { sides, text } = value as Partial<Record<keyof State, unknown>>;
  return typeof text === 'string' && Array.isArray(sides) && (sides.length === 1 || sides.length === 2) && sides.every((side) => typeof side === 'object' && side !== null && Object.values(side).every((setting) => ['number', 'string', 'boolean'].includes(typeof setting)));
}

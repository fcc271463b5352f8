/** The first inputs of an engine from some instant on, and what it made of them. */
import type { Engine } from '../engine/engine.ts';
import { Tape } from '../engine/tape/tape.ts';
import type { Decided } from '../model/decided.ts';
import { NS_PER_MS } from '../model/units.ts';
import type { Plan } from '../model/plan.ts';
import { describe, placeOf } from './describe.ts';
import { type Entry, entryOf } from './entry.ts';

const INPUTS_MAX = 12;

export class Moment extends Tape {
  readonly decided: Decided[] = [];
  private readonly fromNs: number;
  private nowNs: number = 0;
  private inputs: number = 0;
  private watched!: { readonly engine: Engine; readonly plan: Plan };

  constructor(fromNs: number) {
    super((text) => this.take(text));
    this.fromNs = fromNs;
  }

  override attached(engine: Engine, plan: Plan, seed: number, modelsConnections: boolean): void {
    super.attached(engine, plan, seed, modelsConnections);
    this.watched = { engine, plan };
  }

  private take(text: string): void {
    if (this.inputs > INPUTS_MAX) return;
    const entry = entryOf(text)!; // of our own tape
    const isDecision = entry.atNs === null;
    if (!isDecision) {
      this.nowNs = entry.atNs;
      if (this.nowNs >= this.fromNs) this.inputs++;
    }
    if (this.inputs === 0 || this.inputs > INPUTS_MAX) return;
    const { engine, plan } = this.watched;
    const place = placeOf(entry, engine, plan);
    this.decided.push({ atMs: this.nowNs / NS_PER_MS, isDecision, word: entry.word, words: describe(shortened(entry), plan), edge: place?.edge ?? null, caller: place?.caller ?? null });
  }
}

/** What nobody reads in a line for people. */
const INNER: ReadonlySet<string> = new Set(['keyHi', 'keyLo', 'hashKey', 'requestClass', 'tag', 'parent', 'connection']);

function shortened(entry: Entry): Entry {
  return { ...entry, texts: Object.fromEntries(Object.entries(entry.texts).filter(([field, text]) => !INNER.has(field) && text !== 'false')) };
}

/** Where the calls of one caller endpoint go that the called service splits over others. */
import { NONE } from '../../model/ids.ts';
import type { SplitPlan } from '../../model/plan.ts';
import { type Stream, attemptKey } from '../../random/hash.ts';
import type { CallRow } from '../calls.ts';
import type { Outbound } from '../outbound.ts';
import { KeyedDraws } from './keyed-draws.ts';
import { createSplit } from './registry.ts';
import type { Backends, Split } from './split.ts';

export class Route implements Backends {
  private readonly split: Split;
  private readonly backends: readonly Outbound[];
  private readonly draws: KeyedDraws;

  constructor({ mode, backends }: SplitPlan, outbounds: readonly Outbound[], stream: Stream) {
    this.split = createSplit(mode, backends.map(({ weight }) => weight));
    this.backends = outbounds;
    this.draws = new KeyedDraws(stream);
  }

  /** The call begins: where the split belongs to calls, this is its backend. */
  begin(call: CallRow): void {
    if (!this.split.isFixed) return;
    call.hasHistory = true;
    call.backend = this.backends[this.split.choose(this.draws.seek(call.keyHi, call.keyLo), this)]!;
  }

  /** Backend of the next attempt; null when none is left. */
  backendOf(call: CallRow): Outbound | null {
    if (this.split.isFixed) return call.backend;
    const backend = this.split.choose(this.draws.seek(call.keyHi, attemptKey(call.keyLo, call.attempts + 1)), this);
    return backend === NONE ? null : this.backends[backend]!;
  }

  isReady(backend: number): boolean {
    const { failfast, set } = this.backends[backend]!;
    return failfast === null ? set.count > 0 : !failfast.isShedding;
  }
}

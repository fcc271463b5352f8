/** Method, path, headers and body that an attempt is sent with: those of its request's class, templates filled in. */
import type { CallRow } from '../engine/calls.ts';
import { NONE } from '../model/ids.ts';
import type { Plan } from '../model/plan.ts';
import { renderedRequestsOf } from '../traffic/request-class.ts';
import type { RequestMix } from '../traffic/request-mix.ts';

export interface RequestText {
  readonly method: string;
  readonly path: string;
  /** Names, in lower case as HTTP/2 has them, and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | null;
}

export class RequestTexts {
  /** By class over all sources: its source, and its requests. */
  private readonly sources: readonly number[];
  private readonly texts: readonly (readonly RequestText[])[];
  private readonly mixes: readonly RequestMix[];

  constructor(plan: Plan, seed: number, mixes: readonly RequestMix[]) {
    this.mixes = mixes;
    const rendered = renderedRequestsOf(plan, seed);
    this.sources = plan.traffic.flatMap(({ classes }, source) => classes.map(() => source));
    this.texts = plan.traffic.flatMap(({ classes }, source) =>
      classes.map(({ method }, index) =>
        rendered[source]![index]!.map(({ body, headers, path }) => ({ method, path, headers: Object.entries(headers).flatMap(([name, value]) => [name.toLowerCase(), value]), body: body === '' ? null : body })),
      ),
    );
  }

  of({ keyHi, parent, requestClass }: CallRow): RequestText {
    const texts = this.texts[requestClass]!;
    // The key of a request is its number; of a call that a service makes it is a hash.
    const number = keyHi >>> 0;
    return texts[parent === NONE ? this.mixes[this.sources[requestClass]!]!.renderedOf(number, texts.length) : number % texts.length]!;
  }
}

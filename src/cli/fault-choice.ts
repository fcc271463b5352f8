/** `--break`: which faults of the standard set are tried on what. */
import { type FaultCase, type Part, partsOf } from '../fault-sweep/cases.ts';
import type { Plan } from '../model/plan.ts';
import type { AskedEndpoint, ChoiceOfFaults } from '../run/fault-sweep.ts';
import { didYouMean } from '../scenario/suggest.ts';
import { UserError } from './user-error.ts';

/** Cases that a person can still mean. */
const SINGLES_MOST = 2000;
const PAIRED_MOST = 500;

export class FaultChoice implements ChoiceOfFaults {
  readonly wantsPairs: boolean;
  /** Those that were named: they are tried beside the busiest of their service. */
  readonly endpoints: readonly AskedEndpoint[];
  private readonly words: readonly string[];

  /** @param words  a fault, a target, a case, or a pair of cases joined by `+`; none are all */
  constructor(plan: Plan, words: readonly string[], pairs: boolean) {
    this.words = words;
    this.wantsPairs = pairs || words.some((word) => word.includes('+'));
    const singles = words.flatMap((word) => word.split('+'));
    for (const word of singles) checkKnown(word, plan);
    this.endpoints = singles.flatMap((word) => askedEndpoint(word, plan) ?? []);
    const many = partsOf(plan, () => 0).filter((part) => this.wants(part)).length;
    if (many > SINGLES_MOST || (this.wantsPairs && many > PAIRED_MOST)) {
      throw new UserError('usage', `${many} faults are too many${many > SINGLES_MOST ? '' : ' to pair'}; ${many > SINGLES_MOST ? SINGLES_MOST : PAIRED_MOST} is the most. Choose some with --break, such as --break crash --break ${plan.services[0]!.name}`);
    }
  }

  wants(part: Part): boolean {
    return this.words.length === 0 || this.words.some((word) => word.split('+').includes(part.id) || names(word, part));
  }

  wantsPair({ id, parts }: FaultCase): boolean {
    const wantsAlone = (part: Part): boolean => this.words.some((word) => names(word, part));
    return this.words.length === 0 || this.words.includes(id) || parts.every(wantsAlone);
  }
}

function names(word: string, { fault, id, target }: Part): boolean {
  return word === id || word === fault || word === target;
}

/** `cart/4` and `crash:cart/4`, where there is one. */
function askedEndpoint(word: string, { services }: Plan): AskedEndpoint | null {
  const [, service, digits] = /(?:^|:)([^:/]+)\/(0|[1-9]\d{0,8})$/.exec(word) ?? [];
  const endpoint = Number(digits);
  return services.some(({ name, replicas }) => name === service && endpoint < replicas) ? { service: service!, endpoint } : null;
}

function checkKnown(word: string, plan: Plan): void {
  const asked = askedEndpoint(word, plan);
  const parts = partsOf(plan, ({ name }) => (name === asked?.service ? asked.endpoint : 0));
  if (parts.some((part) => names(word, part))) return;
  const known = parts.flatMap(({ fault, id, target }) => [fault, target, id]);
  throw new UserError('usage', `--break ${word}: there is no such fault, target or case; ${didYouMean(word, known) ?? `faults are ${[...new Set(parts.map(({ fault }) => fault))].join(', ')}`}`);
}

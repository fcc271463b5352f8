/** `--break`: which faults of the standard set are tried on what. */
import { arePair, type FaultCase, type Part, partsOf } from '../fault-sweep/cases.ts';
import type { Plan } from '../model/plan.ts';
import type { AskedEndpoint, ChoiceOfFaults } from '../run/fault-sweep.ts';
import { didYouMean } from '../scenario/suggest.ts';
import { UserError } from './user-error.ts';

/** Cases that a person can still mean. */
const SINGLES_MOST = 2000;
const PAIRED_MOST = 500;

export class FaultChoice implements ChoiceOfFaults {
  readonly wantsPairs: boolean;
  /** What is tried alone is only there to tell what each of the two does. */
  readonly areAllPairs: boolean;
  /** Those that were named: they are tried beside the busiest of their service. */
  readonly endpoints: readonly AskedEndpoint[];
  private readonly words: readonly string[];

  /** @param words  a fault, a target, a case, or a pair of cases joined by `+`; none are all */
  constructor(plan: Plan, words: readonly string[], pairs: boolean) {
    this.words = words;
    this.wantsPairs = pairs || words.some(isPair);
    this.areAllPairs = words.length > 0 && words.every(isPair);
    const singles = words.flatMap((word) => word.split('+'));
    for (const word of singles) checkKnown(word, plan);
    for (const word of words.filter(isPair)) checkPair(word, plan);
    this.endpoints = singles.flatMap((word) => askedEndpoint(word, plan) ?? []);
    const many = partsOf(plan, () => 0).filter((part) => this.wants(part)).length;
    if (many > SINGLES_MOST || (this.wantsPairs && many > PAIRED_MOST)) {
      throw new UserError('usage', `${many} faults are too many${many > SINGLES_MOST ? '' : ' to pair'}; ${many > SINGLES_MOST ? SINGLES_MOST : PAIRED_MOST} is the most. Choose some with --break, such as --break crash --break ${plan.services[0]!.name}`);
    }
    const candidates = [...partsOf(plan, () => 0), ...partsOf(plan, () => 1), ...singles.flatMap((word) => partsFor(word, plan))].filter((part) => this.wants(part));
    if (pairs && !candidates.some((one, i) => candidates.slice(i + 1).some((other) => arePair(one, other)))) {
      throw new UserError('usage', `--pairs: no two of these are of different things, or of two endpoints of a service that has others left${words.length === 0 ? '' : '; --break more'}`);
    }
  }

  wants(part: Part): boolean {
    return this.words.length === 0 || this.words.some((word) => word.split('+').includes(part.id) || names(word, part));
  }

  wantsPair({ parts }: FaultCase): boolean {
    const wantsAlone = (part: Part): boolean => this.words.some((word) => names(word, part));
    return this.words.length === 0 || this.words.some((word) => isPair(word) && parts.every((part) => word.split('+').includes(part.id))) || parts.every(wantsAlone);
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

function isPair(word: string): boolean {
  return word.includes('+');
}

function checkPair(word: string, plan: Plan): void {
  const halves = word.split('+');
  if (halves.length > 2) throw new UserError('usage', `--break ${word}: a pair is of two cases`);
  const [one, other] = halves.map((half) => {
    const part = partsFor(half, plan).find(({ id }) => id === half);
    if (part === undefined) throw new UserError('usage', `--break ${word}: \`${half}\` is no case, and a pair is of two, such as ${exampleOf(plan)}; --pairs ${halves.map((each) => `--break ${each}`).join(' ')} tries all there are of these`);
    return part;
  });
  if (!arePair(one!, other!)) throw new UserError('usage', `--break ${word}: both are of ${one!.thing}, and a pair is of different things, or of two endpoints of a service that has others left`);
}

function exampleOf(plan: Plan): string {
  const parts = partsOf(plan, () => 0);
  return `${parts[0]!.id}+${parts.findLast((part) => arePair(parts[0]!, part))?.id ?? 'FAULT:TARGET'}`;
}

/** Of the endpoint that the word names, where it does. */
function partsFor(word: string, plan: Plan): Part[] {
  const asked = askedEndpoint(word, plan);
  return partsOf(plan, ({ name }) => (name === asked?.service ? asked.endpoint : 0));
}

function checkKnown(word: string, plan: Plan): void {
  const parts = partsFor(word, plan);
  if (parts.some((part) => names(word, part))) return;
  const known = parts.flatMap(({ fault, id, target }) => [fault, target, id]);
  throw new UserError('usage', `--break ${word}: there is no such fault, target or case; ${didYouMean(word, known) ?? `faults are ${[...new Set(parts.map(({ fault }) => fault))].join(', ')}`}`);
}

/** Why-diff for people: a table of what the sides did differently first, and three requests on both. */
import type { RequestTrace } from '../../result/result.ts';
import type { Why, WhyCause, WhyExample } from '../../result/why.ts';
import { count, milliseconds, number, wholePercent } from '../format.ts';
import { fenced } from '../comment-text.ts';
import { escaped, tableOf } from '../markdown.ts';
import type { Page } from '../page.ts';
import { printable, type Section } from '../summary.ts';
import { waterfall } from '../tail/waterfall.ts';

const CAUSES = 8;
const LINES_OF_A_REQUEST = 5;

/** @param width  of the page */
export function addWhy(page: Page, why: Why, width: number): void {
  page.gap();
  page.words(whySentence(why));
  if (why.causes.length === 0) return;
  page.gap();
  const section = whySection(why);
  page.section({ ...section, rows: section.rows.slice(0, CAUSES) });
  const rest = why.causes.slice(CAUSES).reduce((sum, { requests }) => sum + requests, 0) + why.otherCauses;
  if (rest > 0) page.note(restText(rest));
  for (const example of why.examples) {
    page.gap();
    page.note(titleOf(example, why));
    for (const [label, request] of sidesOf(example, why)) {
      page.note(`  ${endText(label, request)}`);
      for (const line of waterfall(request, width - 6, LINES_OF_A_REQUEST)) page.text(`    ${line}`);
    }
  }
}

/** The same as Markdown, with all causes. */
export function whyBlocks(why: Why): string[] {
  return [
    escaped(whySentence(why).replace(/^Why: o/, 'O')),
    ...(why.causes.length === 0 ? [] : [tableOf(whySection(why))]),
    ...(why.otherCauses > 0 ? [restText(why.otherCauses)] : []),
    ...why.examples.flatMap((example) => [
      escaped(titleOf(example, why)),
      fenced(sidesOf(example, why).flatMap(([label, request]) => [endText(label, request), ...waterfall(request, FENCE_WIDTH, LINES_OF_A_REQUEST).map((line) => `  ${line}`)]).join('\n')),
    ]),
  ];
}

const FENCE_WIDTH = 74;

function restText(requests: number): string {
  return `and ${count(requests)} requests in other ways`;
}

function titleOf({ cause, reference }: WhyExample, { causes, sides }: Why): string {
  return `request ${count(reference.request)} of ${printable(reference.source)}: ${causeWords(causes[cause]!, sides)}`;
}

function sidesOf({ other, reference }: WhyExample, { sides }: Why): (readonly [label: string, request: RequestTrace])[] {
  return [[sides[0], reference], [sides[1], other]];
}

function endText(label: string, { latencyMs, outcome }: RequestTrace): string {
  return `${printable(label)}: ${milliseconds(latencyMs)}${outcome === 'ok' ? '' : ` ${outcome}`}`;
}

export function whySentence({ differing, examined, requests, seed, sides, threshold }: Why): string {
  const sample = examined < requests ? ` (estimated from ${count(examined)} of them)` : '';
  if (differing === 0) return `Why: of ${count(requests)} requests that both sides had under seed ${seed} none ends otherwise or differs by more than ${wholePercent(threshold)} on ${printable(sides[1])}${sample}.`;
  return `Why: of ${count(requests)} requests that both sides had under seed ${seed}, ${count(differing)} end otherwise or differ by more than ${wholePercent(threshold)} on ${printable(sides[1])}${sample}. What was decided differently first:`;
}

export function whySection({ causes, sides }: Why): Section {
  return {
    title: 'WHY',
    columns: [
      { title: 'WHY', align: 'left', keep: Infinity },
      { title: 'requests', align: 'right', keep: Infinity },
      { title: '', align: 'right', keep: Infinity, isClose: true },
      { title: 'latency', align: 'right', keep: Infinity },
      { title: 'saved', align: 'right', keep: 1 },
      { title: 'lost', align: 'right', keep: 1 },
    ],
    rows: causes.map((cause) => [
      { text: causeWords(cause, sides) },
      { text: count(cause.requests) },
      { text: cause.share < 0.005 ? '<1%' : wholePercent(cause.share) },
      { text: `${cause.changeMs > 0 ? '+' : ''}${number(cause.changeMs)} ms`, tone: cause.changeMs > 0 ? ('bad' as const) : ('good' as const) },
      { text: cause.gained > 0 ? count(cause.gained) : '' },
      { text: cause.lost > 0 ? count(cause.lost) : '' },
    ]),
  };
}

export function causeWords({ detail, edge, endpoint, kind, on }: WhyCause, sides: Why['sides']): string {
  const side = on === null ? '' : sides[on];
  const place = endpoint ?? edge;
  const words = (): string => {
    switch (kind) {
      case 'avoided': return `${side} kept away from ${endpoint}, which was out of use`;
      case 'picked': return `another endpoint than ${endpoint} was picked on ${edge}`;
      case 'refused': return `${side} refused it on ${edge}: ${detail}`;
      case 'notRetried': return `${side} did not retry on ${edge}${detail === undefined ? '' : `: ${DETAILS[detail] ?? detail}`}`;
      case 'notHedged': return `${side} sent no hedge on ${edge}`;
      case 'gaveUpEarlier': return `${side} gave up earlier on ${place}`;
      case 'queue': return `same way, another queue at ${place}`;
      case 'service': return `same way, ${place} worked for another time`;
      case 'network': return `same way, messages to ${place} took another time`;
      case 'connection': return `another wait for a connection on ${edge}`;
      case 'backoff': return `another wait between attempts on ${edge}`;
      case 'other': return `otherwise, on ${edge}`;
      default: return kind satisfies never;
    }
  };
  return printable(words());
}

const DETAILS: Readonly<Record<string, string>> = { budget: 'budget refused', tooManyAtOnce: 'too many retries at once', usedUp: 'retries used up' };

/** What the policies did when: a lane for each edge and endpoint that was taken out of use, and the levels of budgets. */
import type { Result } from '../../../result/result.ts';
import * as format from '../../format.ts';
import { html, type Markup } from '../markup.ts';
import { nothing } from '../blocks.ts';
import type { PageSection } from '../page.ts';
import { fitting, px, ticks } from '../svg.ts';
import { levelsOf, listedUntilMs, OUT_LOOKS, type OutKind, type Stretch, stretchesOf } from './out-of-use.ts';
import { endMsOf, windowsOf } from './time.ts';
import { policyFigures } from './time-charts.ts';

const ABOUT = { id: 'policies', title: 'Policy timeline' } as const;

export function timelineSection(result: Result): PageSection {
  const lanes = lanesOf(stretchesOf(result));
  const figures = policyFigures(result);
  const untilMs = listedUntilMs(result);
  const refusals = Object.values(result.edges).reduce((sum, { budgetRefusals, overflows }) => sum + budgetRefusals + overflows, 0);
  if (lanes.length === 0 && figures.length === 0) {
    return { ...ABOUT, body: nothing(refusals > 0 ? `No policy took anything out of use; limits and budgets refused ${format.count(refusals)} calls and retries, as the table of edges has it.` : 'No policy took an endpoint out of use, opened a breaker or shed calls.') };
  }
  return {
    ...ABOUT,
    lead: `${lanes.length === 0 ? '' : 'Who was out of use for whom: each lane is one endpoint as the callers of one edge saw it, the stronger the colour the more of them.'}${untilMs === null ? '' : ` Only what happened up to ${format.duration(untilMs)} is listed; what came later is in the tables of edges and replicas alone.`}${result.reps.length > 1 ? ' Of the first replication; levels are of all.' : ''}`,
    body: html`${lanes.length > 0 ? drawing(lanes, result) : nothing('Nothing was taken out of use.')}${figures.length > 1 ? html`<div class="pair">${figures}</div>` : figures}`,
  };
}

interface TimelineLane {
  readonly kind: OutKind;
  readonly edge: string;
  readonly endpoint: string | null;
  readonly stretches: readonly Stretch[];
}

const LANES_MAX = 48;

/** By edge, then by who was out longest. */
function lanesOf(stretches: readonly Stretch[]): TimelineLane[] {
  const lanes = new Map<string, TimelineLane & { readonly stretches: Stretch[] }>();
  for (const stretch of stretches) {
    const key = `${stretch.edge} ${stretch.kind} ${stretch.endpoint}`;
    const lane = lanes.get(key) ?? { kind: stretch.kind, edge: stretch.edge, endpoint: stretch.endpoint, stretches: [] };
    lanes.set(key, lane);
    lane.stretches.push(stretch);
  }
  const edges = [...new Set(stretches.map(({ edge }) => edge))];
  return [...lanes.values()].sort((a, b) => edges.indexOf(a.edge) - edges.indexOf(b.edge) || lengthOf(b) - lengthOf(a));
}

function lengthOf({ stretches }: TimelineLane): number {
  return stretches.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
}

const WIDTH = 1000;
const LABEL = 230;
const RIGHT = 20;
const ROW = 22;
const TOP = 24;

function drawing(lanes: readonly TimelineLane[], result: Result): Markup {
  const shown = lanes.slice(0, LANES_MAX);
  const endMs = endMsOf(result);
  const at = (ms: number): number => px(LABEL + ((WIDTH - LABEL - RIGHT) * Math.min(ms, endMs)) / endMs);
  const height = TOP + shown.length * ROW + 8;
  const kinds = (Object.keys(OUT_LOOKS) as OutKind[]).filter((kind) => lanes.some((lane) => lane.kind === kind));
  return html`<ul class="legend">${kinds.map((kind) => html`<li><svg width="18" height="12" aria-hidden="true"><rect class="out-${kind}" width="18" height="12" rx="2"/>${over(kind, 0, 0, 18, 12)}</svg> ${OUT_LOOKS[kind].title}</li>`)}</ul>
<div class="scroll" tabindex="0" role="region" aria-label="Policy timeline"><svg class="timeline" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${`Lanes of what was out of use; the table below has the same in words.`}">
${windowsOf(result).map(({ fromMs, name, toMs }) => html`<rect class="fault" x="${at(fromMs)}" y="${TOP - 4}" width="${px(Math.max(1, at(toMs) - at(fromMs)))}" height="${height - TOP}"><title>${name}</title></rect>`)}
${ticks(0, endMs / 1000, 8).map((seconds) => html`<line class="grid" x1="${at(seconds * 1000)}" x2="${at(seconds * 1000)}" y1="${TOP - 4}" y2="${height - 4}"/><text class="tick" x="${at(seconds * 1000)}" y="12" text-anchor="middle">${seconds} s</text>`)}
${shown.map((lane, i) => laneOf(lane, TOP + i * ROW, at))}
</svg></div>
${lanes.length > shown.length && html`<p class="note">${lanes.length - shown.length} more lanes are in result.json.</p>`}
<details><summary>The same as a table</summary><div class="scroll" tabindex="0" role="region" aria-label="What was out of use"><table><caption>What was out of use</caption><thead><tr><th scope="col" class="text">What</th><th scope="col" class="text">State</th><th scope="col">Times</th><th scope="col">First</th><th scope="col">In all</th><th scope="col">Callers at once</th></tr></thead><tbody>${shown.map((lane) => html`<tr><th scope="row" class="text">${nameOf(lane)}</th><td class="text">${OUT_LOOKS[lane.kind].title}</td><td>${lane.stretches.length}</td><td>${format.duration(lane.stretches[0]!.fromMs)}</td><td>${format.duration(lengthOf(lane))}</td><td>${Math.max(...levelsOf(lane.stretches).map(({ many }) => many), 1)}</td></tr>`)}</tbody></table></div></details>`;
}

function nameOf({ edge, endpoint }: TimelineLane): string {
  return endpoint === null ? edge : `${edge.slice(0, edge.indexOf('->'))} → ${endpoint}`;
}

const FADES = 4;

function laneOf(lane: TimelineLane, y: number, at: (ms: number) => number): Markup {
  const levels = levelsOf(lane.stretches);
  const most = Math.max(...levels.map(({ many }) => many), 1);
  return html`<g><text class="lane" x="${LABEL - 10}" y="${y + 13}" text-anchor="end">${fitting(nameOf(lane), LABEL - 16, 12)}<title>${nameOf(lane)}</title></text><line class="base" x1="${LABEL}" x2="${WIDTH - RIGHT}" y1="${y + 16.5}" y2="${y + 16.5}"/>${joined(levels, at).map(({ fromMs, many, toMs }) => html`<rect class="out-${lane.kind} fade-${Math.ceil((FADES * many) / most)}" x="${at(fromMs)}" y="${y + 3}" width="${px(Math.max(1.5, at(toMs) - at(fromMs)))}" height="13"><title>${`${nameOf(lane)}: ${OUT_LOOKS[lane.kind].title} from ${format.duration(fromMs)} to ${format.duration(toMs)}, ${many} ${many === 1 ? 'caller' : 'callers'}`}</title></rect>${over(lane.kind, at(fromMs), y + 3, px(Math.max(1.5, at(toMs) - at(fromMs))), 13)}`)}</g>`;
}

function over(kind: OutKind, x: number, y: number, width: number, height: number): Markup | null {
  const { pattern } = OUT_LOOKS[kind];
  return pattern === 'plain' ? null : html`<rect class="over" fill="url(#p-${pattern})" x="${x}" y="${y}" width="${width}" height="${height}"/>`;
}

/** Neighbours that would be drawn within half a pixel are one. */
function joined(levels: ReturnType<typeof levelsOf>, at: (ms: number) => number): ReturnType<typeof levelsOf> {
  return levels.reduce<{ fromMs: number; toMs: number; many: number }[]>((kept, level) => {
    const last = kept.at(-1);
    if (last !== undefined && last.toMs === level.fromMs && at(level.toMs) - at(last.fromMs) < 0.5) kept[kept.length - 1] = { fromMs: last.fromMs, toMs: level.toMs, many: Math.max(last.many, level.many) };
    else kept.push(level);
    return kept;
  }, []);
}

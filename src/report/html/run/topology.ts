/** Who calls whom: services coloured by how busy they are, edges as wide as their calls are many, marked where calls multiply or fail. */
import type { EdgeMetrics, Result } from '../../../result/result.ts';
import * as format from '../../format.ts';
import { html, type Markup } from '../markup.ts';
import type { PageSection } from '../page.ts';
import { fitting, px, textWidth } from '../svg.ts';
import { type Arc, layersOf } from './layers.ts';

interface Edge extends Arc {
  readonly name: string;
  readonly metrics: EdgeMetrics;
}

interface Box {
  readonly name: string;
  readonly isSource: boolean;
  readonly x: number;
  readonly y: number;
}

const BOX_WIDTH = 176;
const BOX_HEIGHT = 66;
const GAP_X = 132;
const GAP_Y = 26;
const MARGIN = 14;

/** Beyond these a map is a knot, and the tables tell more. */
const SERVICES_MAX = 80;

export function topologySection(result: Result): PageSection {
  const about = { id: 'topology', title: 'Topology' };
  const services = Object.keys(result.services);
  if (services.length > SERVICES_MAX) return { ...about, body: html`<p class="nothing">${services.length} services are too many for a map; the tables have them.</p>` };
  const edges = Object.entries(result.edges).map(([name, metrics]): Edge => ({ name, metrics, from: name.slice(0, name.indexOf('->')), to: name.slice(name.indexOf('->') + 2).split('#')[0]! }));
  // A source may be called like a service.
  const callers = new Set(edges.map(({ from }) => from));
  const sources = Object.keys(result.traffic).filter((name) => callers.has(name) && !services.includes(name));
  const boxes = placed(layersOf([...sources, ...services], edges), new Set(sources));
  const width = Math.max(...boxes.map(({ x }) => x)) + BOX_WIDTH + MARGIN;
  const height = Math.max(...boxes.map(({ y }) => y)) + BOX_HEIGHT + MARGIN + (edges.some((edge) => isBack(edge, boxes)) ? BACK_ROOM : 0);
  return {
    ...about,
    lead: 'Callers left, callees right. Boxes are filled by how busy the service is; lines are as wide as calls are many, with the attempts that were made for each call where they are more than one, and the share that failed.',
    body: html`<div class="scroll" tabindex="0" role="region" aria-label="Topology"><svg class="topology" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${`${services.length} services and ${edges.length} edges; the tables of services and edges have the same in words.`}">
<g>${edges.map((edge) => lineOf(edge, boxes, edges))}</g>
<g>${boxes.map((box) => boxOf(box, result))}</g>
<g>${edges.map((edge) => labelOf(edge, boxes, edges))}</g>
</svg></div>
<ul class="legend"><li>busy <svg width="120" height="12" aria-hidden="true">${[0, 1, 2, 3, 4, 5].map((step) => html`<rect class="busy-${step}" x="${step * 20}" width="20" height="12"/>`)}</svg> 0 to 100%</li><li><svg width="26" height="12" aria-hidden="true"><line class="edge bad" x1="0" x2="26" y1="6" y2="6" stroke-width="4"/></svg> at least 0.1% of its calls failed</li></ul>`,
  };
}

function placed(layers: readonly (readonly string[])[], sources: ReadonlySet<string>): Box[] {
  const tallest = Math.max(...layers.map((layer) => layer.length));
  return layers.flatMap((layer, column) => layer.map((name, row): Box => ({
    name,
    isSource: sources.has(name),
    x: MARGIN + column * (BOX_WIDTH + GAP_X),
    y: MARGIN + (row + (tallest - layer.length) / 2) * (BOX_HEIGHT + GAP_Y),
  })));
}

function boxOf({ isSource, name, x, y }: Box, { services, traffic }: Result): Markup {
  if (isSource) {
    const { errorRate, rps } = traffic[name]!;
    return html`<a href="#load"><g class="box source"><title>${name}</title><rect x="${x}" y="${y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="33"/><text class="name" x="${x + BOX_WIDTH / 2}" y="${y + 28}" text-anchor="middle">${fitting(name, BOX_WIDTH - 36, 14)}</text><text x="${x + BOX_WIDTH / 2}" y="${y + 47}" text-anchor="middle">${`${format.number(rps)}/s${isFailing({ errorRate }) ? `  ✗ ${format.percent(errorRate)}` : ''}`}</text></g></a>`;
  }
  const { busy, errorRate, latencyMs } = services[name]!;
  const failing = isFailing({ errorRate });
  return html`<a href="#service-${name}"><g class="box${failing && ' bad'}"><title>${`${name}: busy ${format.wholePercent(busy)}, p99 ${format.milliseconds(latencyMs.p99)}, errors ${format.percent(errorRate)}`}</title><rect class="${`busy-${stepOf(busy)}`}" x="${x}" y="${y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="10"/><text class="name" x="${x + 14}" y="${y + 24}">${fitting(name, BOX_WIDTH - 28, 14)}</text><text x="${x + 14}" y="${y + 42}">${busy === null ? 'no limit' : `busy ${format.wholePercent(busy)}`}${` · p99 ${format.milliseconds(latencyMs.p99)}`}</text>${failing && html`<text class="failing" x="${x + 14}" y="${y + 58}">${`✗ ${format.percent(errorRate)} failed`}</text>`}</g></a>`;
}

/** One in a thousand; what is less is in the tables. */
const FAILING = 0.001;

function isFailing({ errorRate }: { readonly errorRate: number | null }): boolean {
  return errorRate !== null && errorRate >= FAILING;
}

/** 0..5: how dark. */
function stepOf(busy: number | null): number {
  return busy === null ? 0 : Math.min(5, Math.round(busy * 5));
}

const WIDEST = 7;
const NARROWEST = 1.4;

function lineOf(edge: Edge, boxes: readonly Box[], edges: readonly Edge[]): Markup {
  const most = Math.max(...edges.map(({ metrics }) => metrics.requests), 1);
  const width = px(NARROWEST + (WIDEST - NARROWEST) * Math.sqrt(edge.metrics.requests / most));
  return html`<path class="edge${isFailing(edge.metrics) && ' bad'}" d="${curveOf(edge, boxes).path}" stroke-width="${width}"><title>${titleOf(edge)}</title></path>`;
}

function titleOf({ metrics, name }: Edge): string {
  const { amplification, errorRate, requests, rps } = metrics;
  return requests === 0 ? `${name}: no calls` : `${name}: ${format.number(rps)} calls a second, ${format.times(amplification)} attempts a call, errors ${format.percent(errorRate)}`;
}

/** Where few edges are, all of them are labelled. */
const FEW = 10;
const LABEL_HEIGHT = 19;

function labelOf(edge: Edge, boxes: readonly Box[], edges: readonly Edge[]): Markup | null {
  const { amplification, errorRate, requests } = edge.metrics;
  if (requests === 0) return null;
  const isMore = amplification !== null && amplification >= 1.005;
  const failing = isFailing(edge.metrics);
  if (!isMore && !failing && edges.length > FEW) return null;
  const text = [...(isMore || !failing ? [format.times(amplification)] : []), ...(failing ? [`✗ ${format.percent(errorRate)}`] : [])].join('  ');
  const out = edges.filter(({ from }) => from === edge.from).length;
  const into = edges.filter(({ to }) => to === edge.to).length;
  // Lines of a fan lie apart at its open end.
  const { x, y } = curveOf(edge, boxes).at(out > into ? 0.68 : into > out ? 0.32 : 0.5);
  const width = textWidth(text, 12) + 14;
  return html`<g class="edge-label${failing && ' bad'}${isMore && ' more'}"><title>${titleOf(edge)}</title><rect x="${px(x - width / 2)}" y="${px(y - LABEL_HEIGHT / 2)}" width="${px(width)}" height="${LABEL_HEIGHT}" rx="${LABEL_HEIGHT / 2}"/><text x="${px(x)}" y="${px(y + 4)}" text-anchor="middle">${text}</text></g>`;
}

const BACK_ROOM = 40;

interface Curve {
  readonly path: string;
  /** @param share  of its way, 0..1 */
  at(share: number): { readonly x: number; readonly y: number };
}

type Point = readonly [x: number, y: number];

/** A cubic from the right of one box to the left of another; under both where it leads back. */
function curveOf(edge: Edge, boxes: readonly Box[]): Curve {
  const from = boxes.find(({ name }) => name === edge.from)!;
  const to = boxes.find(({ name }) => name === edge.to)!;
  const points: readonly [Point, Point, Point, Point] = isBack(edge, boxes)
    ? [[from.x + BOX_WIDTH * 0.6, from.y + BOX_HEIGHT], [from.x + BOX_WIDTH * 0.6, from.y + BOX_HEIGHT + BACK_ROOM], [to.x + BOX_WIDTH * 0.4, to.y + BOX_HEIGHT + BACK_ROOM], [to.x + BOX_WIDTH * 0.4, to.y + BOX_HEIGHT]]
    : [[from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2], [from.x + BOX_WIDTH + GAP_X * 0.55, from.y + BOX_HEIGHT / 2], [to.x - GAP_X * 0.55, to.y + BOX_HEIGHT / 2], [to.x, to.y + BOX_HEIGHT / 2]];
  const [[ax, ay], [bx, by], [cx, cy], [dx, dy]] = points;
  return {
    path: `M${px(ax)} ${px(ay)}C${px(bx)} ${px(by)} ${px(cx)} ${px(cy)} ${px(dx)} ${px(dy)}`,
    at: (t) => ({ x: bezier(ax, bx, cx, dx, t), y: bezier(ay, by, cy, dy, t) }),
  };
}

function bezier(a: number, b: number, c: number, d: number, t: number): number {
  const s = 1 - t;
  return s * s * s * a + 3 * s * s * t * b + 3 * s * t * t * c + t * t * t * d;
}

function isBack({ from, to }: Arc, boxes: readonly Box[]): boolean {
  return boxes.find(({ name }) => name === to)!.x <= boxes.find(({ name }) => name === from)!.x;
}

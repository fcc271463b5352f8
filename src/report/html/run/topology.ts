/** Who calls whom: services coloured by how busy they are, edges as wide as their calls are many, marked where calls multiply or fail. */
import type { EdgeMetrics, Result } from '../../../result/result.ts';
import * as format from '../../format.ts';
import { html, type Markup } from '../markup.ts';
import { nothing } from '../blocks.ts';
import type { PageSection } from '../page.ts';
import { fitting, px, textWidth } from '../svg.ts';
import { type Arc, layersOf, type Place } from './layers.ts';

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

type Point = readonly [x: number, y: number];

/** Where everything is. */
interface Layout {
  readonly boxes: ReadonlyMap<string, Box>;
  /** Middles of the places at which an edge passes layers, by the names of its ends. */
  readonly passing: ReadonlyMap<string, readonly Point[]>;
  readonly width: number;
  readonly height: number;
}

const BOX_WIDTH = 176;
const BOX_HEIGHT = 66;
const PASSING_HEIGHT = 30;
const GAP_X = 132;
/** Of many layers. */
const GAP_X_NARROW = 100;
const MANY_LAYERS = 5;
const GAP_Y = 26;
const MARGIN = 14;
/** Under the boxes, for edges that lead back. */
const BACK_ROOM = 40;

/** Beyond these a map is a knot, and the tables tell more. */
const SERVICES_MAX = 80;
const EDGES_MAX = 240;
/** Of the size at which its words read well, the least it is shown at; the rest is scrolled to. */
const LEAST_SCALE = 0.66;

export function topologySection(result: Result): PageSection {
  const about = { id: 'topology', title: 'Topology' };
  const services = Object.keys(result.services);
  const names = Object.entries(result.edges);
  if (services.length > SERVICES_MAX || names.length > EDGES_MAX) return { ...about, body: nothing(`${services.length} services and ${names.length} edges are too many for a map; the tables have them.`) };
  const edges = names.map(([name, metrics]) => edgeOf(name, metrics, result));
  const sources = new Map(Object.keys(result.traffic).map((name) => [sourceKey(name), name]));
  const layout = layoutOf(layersOf([...sources.keys(), ...services], edges), sources);
  const { boxes, height, width } = layout;
  return {
    ...about,
    lead: 'Callers left, callees right. Boxes are filled by how busy the service is; lines are as wide as calls are many, with the attempts that were made for each call where they are more than one, and the share that failed.',
    body: html`<div class="scroll" tabindex="0" role="region" aria-label="Topology"><svg class="topology" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" style="min-width:${px(Math.min(width, width * LEAST_SCALE))}px" role="group" aria-label="${`${services.length} services and ${edges.length} edges; the tables of services and edges have the same in words.`}">
<g>${edges.map((edge) => lineOf(edge, layout, edges))}</g>
<g>${[...boxes.values()].map((box) => boxOf(box, result))}</g>
<g>${edges.map((edge) => labelOf(edge, layout, edges))}</g>
</svg></div>
<ul class="legend"><li>busy <svg width="120" height="12" aria-hidden="true">${[0, 1, 2, 3, 4, 5].map((step) => html`<rect class="busy-${step}" x="${step * 20}" width="20" height="12"/>`)}</svg> 0 to 100%</li><li><svg width="26" height="12" aria-hidden="true"><line class="edge bad" x1="0" x2="26" y1="6" y2="6" stroke-width="4"/></svg> at least 0.1% of its calls failed</li></ul>`,
  };
}

/** A source may be called like a service. */
function sourceKey(traffic: string): string {
  return `traffic ${traffic}`;
}

/** Of `caller->service` or `caller->service#policy`. Who is called like a source and a service is the source, where that sends there. */
function edgeOf(name: string, metrics: EdgeMetrics, { scenario, services, traffic }: Result): Edge {
  const caller = name.slice(0, name.indexOf('->'));
  const to = name.slice(name.indexOf('->') + 2).split('#')[0]!;
  const sends = ((scenario.resolved as { readonly traffic?: readonly { readonly name?: string; readonly to?: string }[] } | null)?.traffic ?? []).some((source) => source.name === caller && source.to === to);
  return { name, metrics, from: traffic[caller] !== undefined && (services[caller] === undefined || sends) ? sourceKey(caller) : caller, to };
}

function layoutOf(layers: readonly (readonly Place[])[], sources: ReadonlyMap<string, string>): Layout {
  const boxes = new Map<string, Box>();
  const passing = new Map<string, Point[]>();
  const heightOf = (layer: readonly Place[]): number => layer.reduce((sum, { kind }) => sum + (kind === 'node' ? BOX_HEIGHT : PASSING_HEIGHT) + GAP_Y, -GAP_Y);
  const gap = layers.length >= MANY_LAYERS ? GAP_X_NARROW : GAP_X;
  const tallest = Math.max(...layers.map(heightOf));
  for (const [column, layer] of layers.entries()) {
    const x = MARGIN + column * (BOX_WIDTH + gap);
    let y = MARGIN + (tallest - heightOf(layer)) / 2;
    for (const place of layer) {
      if (place.kind === 'node') {
        boxes.set(place.name, { name: sources.get(place.name) ?? place.name, isSource: sources.has(place.name), x, y });
        y += BOX_HEIGHT + GAP_Y;
      } else {
        const key = keyOf(place.arc);
        passing.set(key, [...(passing.get(key) ?? []), [x + BOX_WIDTH / 2, y + PASSING_HEIGHT / 2]]);
        y += PASSING_HEIGHT + GAP_Y;
      }
    }
  }
  return { boxes, passing, width: MARGIN * 2 + layers.length * (BOX_WIDTH + gap) - gap, height: tallest + 2 * MARGIN + BACK_ROOM };
}

function keyOf({ from, to }: Arc): string {
  return `${from}\n${to}`;
}

function boxOf({ isSource, name, x, y }: Box, { services, traffic }: Result): Markup {
  if (isSource) {
    const { errorRate, rps } = traffic[name]!;
    return html`<a href="#load"><g class="box source"><title>${name}</title><rect x="${x}" y="${y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="33"/><text class="name" x="${x + BOX_WIDTH / 2}" y="${y + 28}" text-anchor="middle">${fitting(name, BOX_WIDTH - 36, 14)}</text><text x="${x + BOX_WIDTH / 2}" y="${y + 47}" text-anchor="middle">${`${format.number(rps)}/s${isFailing({ errorRate }) ? `  ✗ ${format.percent(errorRate)}` : ''}`}</text></g></a>`;
  }
  const { busy, errorRate, latencyMs } = services[name]!;
  const failing = isFailing({ errorRate });
  return html`<a href="#service-${name}"><g class="box${failing && ' bad'}"><title>${`${name}: busy ${format.wholePercent(busy)}, p99 ${format.milliseconds(latencyMs.p99)}, errors ${format.percent(errorRate)}`}</title><rect class="busy-${stepOf(busy)}" x="${x}" y="${y}" width="${BOX_WIDTH}" height="${BOX_HEIGHT}" rx="10"/><text class="name" x="${x + 14}" y="${y + 24}">${fitting(name, BOX_WIDTH - 28, 14)}</text><text x="${x + 14}" y="${y + 42}">${busy === null ? 'no limit' : `busy ${format.wholePercent(busy)}`}${` · p99 ${format.milliseconds(latencyMs.p99)}`}</text>${failing && html`<text class="failing" x="${x + 14}" y="${y + 58}">${`✗ ${format.percent(errorRate)} failed`}</text>`}</g></a>`;
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

function lineOf(edge: Edge, layout: Layout, edges: readonly Edge[]): Markup {
  const most = Math.max(...edges.map(({ metrics }) => metrics.requests), 1);
  const width = px(NARROWEST + (WIDEST - NARROWEST) * Math.sqrt(edge.metrics.requests / most));
  return html`<path class="edge${isFailing(edge.metrics) && ' bad'}" d="${curvesOf(edge, layout).map(([[ax, ay], [bx, by], [cx, cy], [dx, dy]], i) => `${i === 0 ? `M${px(ax)} ${px(ay)}` : ''}C${px(bx)} ${px(by)} ${px(cx)} ${px(cy)} ${px(dx)} ${px(dy)}`).join('')}" stroke-width="${width}"><title>${titleOf(edge)}</title></path>`;
}

function titleOf({ metrics, name }: Edge): string {
  const { amplification, errorRate, requests, rps } = metrics;
  return requests === 0 ? `${name}: no calls` : `${name}: ${format.number(rps)} calls a second, ${format.times(amplification)} attempts a call, errors ${format.percent(errorRate)}`;
}

/** Where few edges are, all of them are labelled. */
const FEW = 10;
const LABEL_HEIGHT = 19;

function labelOf(edge: Edge, layout: Layout, edges: readonly Edge[]): Markup | null {
  const { amplification, errorRate, requests } = edge.metrics;
  if (requests === 0) return null;
  const isMore = amplification !== null && amplification >= 1.005;
  const failing = isFailing(edge.metrics);
  if (!isMore && !failing && edges.length > FEW) return null;
  const text = [...(isMore || !failing ? [format.times(amplification)] : []), ...(failing ? [`✗ ${format.percent(errorRate)}`] : [])].join('  ');
  const curves = curvesOf(edge, layout);
  const out = edges.filter(({ from }) => from === edge.from).length;
  const into = edges.filter(({ to }) => to === edge.to).length;
  // Lines of a fan lie apart at its open end; one that passes layers has a place of its own there.
  const [curve, share] = curves.length > 1 ? ([curves[0]!, 1] as const) : ([curves[0]!, out > into ? 0.68 : into > out ? 0.32 : 0.5] as const);
  const [x, y] = pointOn(curve, share);
  const width = textWidth(text, 12) + 14;
  return html`<g class="edge-label${failing && ' bad'}${isMore && ' more'}"><title>${titleOf(edge)}</title><rect x="${px(x - width / 2)}" y="${px(y - LABEL_HEIGHT / 2)}" width="${px(width)}" height="${LABEL_HEIGHT}" rx="${LABEL_HEIGHT / 2}"/><text x="${px(x)}" y="${px(y + 4)}" text-anchor="middle">${text}</text></g>`;
}

type Curve = readonly [Point, Point, Point, Point];

/** Cubics from the right of one box to the left of another, by the places between them; under both where it leads back. */
function curvesOf(edge: Edge, { boxes, passing }: Layout): Curve[] {
  const from = boxes.get(edge.from)!;
  const to = boxes.get(edge.to)!;
  if (to.x <= from.x) {
    return [[[from.x + BOX_WIDTH * 0.6, from.y + BOX_HEIGHT], [from.x + BOX_WIDTH * 0.6, from.y + BOX_HEIGHT + BACK_ROOM], [to.x + BOX_WIDTH * 0.4, to.y + BOX_HEIGHT + BACK_ROOM], [to.x + BOX_WIDTH * 0.4, to.y + BOX_HEIGHT]]];
  }
  const points: Point[] = [[from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2], ...(passing.get(keyOf(edge)) ?? []), [to.x, to.y + BOX_HEIGHT / 2]];
  return points.slice(1).map((point, i): Curve => {
    const [ax, ay] = points[i]!;
    const [dx, dy] = point;
    const reach = (dx - ax) * 0.5;
    return [[ax, ay], [ax + reach, ay], [dx - reach, dy], [dx, dy]];
  });
}

/** @param t  share of its way, 0..1 */
function pointOn([a, b, c, d]: Curve, t: number): Point {
  const s = 1 - t;
  const at = (i: 0 | 1): number => s * s * s * a[i] + 3 * s * s * t * b[i] + 3 * s * t * t * c[i] + t * t * t * d[i];
  return [at(0), at(1)];
}

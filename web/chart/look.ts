/** What tells series apart besides their colour: dashes of lines, patterns of areas. */
import type { ChartSeries, Pattern } from '../../src/report/html/chart.ts';
import { colorOf } from '../theme.ts';

const DASHES: Readonly<Partial<Record<ChartSeries['look'], number[]>>> = { dashed: [7, 4], dotted: [2, 3], dashdot: [9, 3, 2, 3] };

export function dashOf(look: ChartSeries['look']): number[] | undefined {
  return DASHES[look];
}

/** Strokes of a tile of this many pixels each way. */
const TILE = 8;
const STROKES: Readonly<Record<Pattern, readonly (readonly [number, number, number, number])[]>> = {
  plain: [],
  rising: [[-2, 10, 10, -2], [-2, 2, 2, -2], [6, 10, 10, 6]],
  falling: [[-2, -2, 10, 10], [6, -2, 10, 2], [-2, 6, 2, 10]],
  rows: [[0, 4, 8, 4]],
  grid: [[0, 4, 8, 4], [4, 0, 4, 8]],
  dots: [[3, 4, 5, 4]],
};

export function fillOf(color: string, fill: 'soft' | Pattern): string | CanvasPattern {
  const base = colorOf(color);
  if (fill === 'soft') return `color-mix(in srgb, ${base} 12%, transparent)`;
  if (fill === 'plain') return base;
  const tile = document.createElement('canvas');
  const dpr = devicePixelRatio;
  tile.width = TILE * dpr;
  tile.height = TILE * dpr;
  const context = tile.getContext('2d')!;
  context.scale(dpr, dpr);
  context.fillStyle = base;
  context.fillRect(0, 0, TILE, TILE);
  context.strokeStyle = colorOf('surface');
  context.globalAlpha = 0.75;
  context.lineWidth = fill === 'dots' ? 2 : 1.5;
  for (const [ax, ay, bx, by] of STROKES[fill]) {
    context.beginPath();
    context.moveTo(ax, ay);
    context.lineTo(bx, by);
    context.stroke();
  }
  return context.createPattern(tile, 'repeat')!;
}

const SVG = 'http://www.w3.org/2000/svg';

/** The same, small, for a legend. */
export function swatchOf({ color, fill, look }: Pick<ChartSeries, 'color' | 'fill' | 'look'>): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('width', '22');
  svg.setAttribute('height', '12');
  svg.setAttribute('aria-hidden', 'true');
  const add = (name: string, attributes: Readonly<Record<string, string>>): void => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    svg.append(element);
  };
  if (fill !== undefined && fill !== 'soft') {
    add('rect', { width: '22', height: '12', rx: '2', fill: `var(--c-${color})` });
    for (const at of [0, TILE, 2 * TILE]) for (const [ax, ay, bx, by] of STROKES[fill]) add('line', { x1: `${ax + at}`, y1: `${ay + 2}`, x2: `${bx + at}`, y2: `${by + 2}`, stroke: 'var(--c-surface)', 'stroke-width': '1.5', 'stroke-opacity': '0.75' });
  } else add('line', { x1: '0', y1: '6', x2: '22', y2: '6', stroke: `var(--c-${color})`, 'stroke-width': look === 'strong' ? '3' : '2', 'stroke-dasharray': (dashOf(look) ?? []).join(' ') });
  return svg;
}

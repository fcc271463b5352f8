/** What is painted around the series: faults and warm-up behind them, limits over them, lanes above. */
import type uPlot from 'uplot';
import type { Axis, ChartData, Lane, LimitLine } from '../../src/report/html/chart.ts';
import { colorOf } from '../theme.ts';
import { fillOf } from './look.ts';
import type { XScale } from './scale.ts';

export const LANE_HEIGHT = 15;

/** More of them would cover what is drawn. */
const LABEL_ROWS = 4;
const LABEL_HEIGHT = 14;

const FONT = 'ui-sans-serif, system-ui, sans-serif';

export function paintBehind(u: uPlot, x: Axis): void {
  if (x.kind !== 'time') return;
  const { ctx } = u;
  const { height, top } = u.bbox;
  /** By row of labels: where the last one ends. */
  const rows: number[] = [];
  clipped(u, () => {
    if (x.warmupMs > 0) {
      ctx.fillStyle = colorOf('warmup');
      const [from, to] = [place(u, 0), place(u, x.warmupMs)];
      ctx.fillRect(from, top, to - from, height);
      label(u, 'warm-up', from, to, 'muted', rows);
    }
    for (const { fromMs, name, toMs } of [...x.windows].sort((a, b) => a.fromMs - b.fromMs)) {
      const [from, to] = [place(u, fromMs), place(u, toMs)];
      ctx.fillStyle = colorOf('fault');
      ctx.fillRect(from, top, Math.max(devicePixelRatio, to - from), height);
      ctx.fillStyle = colorOf('fault-edge');
      ctx.fillRect(from, top, devicePixelRatio, height);
      ctx.fillRect(to - devicePixelRatio, top, devicePixelRatio, height);
      label(u, name, from, to, 'fault-text', rows);
    }
  });
}

/** At the top, where there is room; below those that it would lie over. */
function label({ bbox, ctx }: uPlot, text: string, from: number, to: number, color: string, rows: number[]): void {
  ctx.font = `${11 * devicePixelRatio}px ${FONT}`;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'top';
  const pad = 5 * devicePixelRatio;
  const room = to - from - 2 * pad;
  const shown = ctx.measureText(text).width <= room ? text : shortened(ctx, text, room);
  const left = Math.max(from, bbox.left) + pad;
  const free = rows.findIndex((end) => end <= left);
  const row = free < 0 ? rows.length : free;
  if (shown === '' || row >= LABEL_ROWS) return;
  rows[row] = left + ctx.measureText(shown).width + pad;
  ctx.fillStyle = colorOf(color);
  ctx.fillText(shown, left, bbox.top + pad + row * LABEL_HEIGHT * devicePixelRatio);
}

function shortened(ctx: CanvasRenderingContext2D, text: string, room: number): string {
  for (let length = text.length - 1; length >= 4; length--) {
    const shorter = `${text.slice(0, length)}…`;
    if (ctx.measureText(shorter).width <= room) return shorter;
  }
  return '';
}

export function paintLimits(u: uPlot, { lines = [] }: ChartData, scale: XScale): void {
  const used: number[] = [];
  clipped(u, () => {
    for (const line of lines) paintLimit(u, line, scale, used);
  });
}

/** @param used  heights at which a label stands */
function paintLimit(u: uPlot, { fromMs, isMet, label: text, toMs, value }: LimitLine, scale: XScale, used: number[]): void {
  const { bbox, ctx } = u;
  const dpr = devicePixelRatio;
  const color = colorOf(isMet ? 'limit' : 'bad');
  const [left, right] = fromMs === undefined ? [bbox.left, bbox.left + bbox.width] : [Math.max(bbox.left, place(u, fromMs)), Math.min(bbox.left + bbox.width, place(u, toMs!))];
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5 * dpr;
  ctx.setLineDash([5 * dpr, 4 * dpr]);
  ctx.beginPath();
  let highest = Infinity;
  if (typeof value === 'number') {
    highest = u.valToPos(value, 'y', true);
    ctx.moveTo(left, highest);
    ctx.lineTo(right, highest);
  } else {
    value.forEach((one, i) => {
      const x = u.valToPos(scale.edges[i]!, 'x', true);
      if (one === null || x < left || x > right) return;
      const y = u.valToPos(one, 'y', true);
      highest = Math.min(highest, y);
      ctx.lineTo(x, y);
    });
  }
  ctx.stroke();
  ctx.setLineDash([]);
  const isOff = highest < bbox.top || highest > bbox.top + bbox.height;
  const words = `${isMet ? '✓' : '✗'} ${text}${isOff ? (highest < bbox.top ? ' ↑' : ' ↓') : ''}`;
  ctx.font = `${11 * dpr}px ${FONT}`;
  ctx.textAlign = 'right';
  ctx.textBaseline = 'bottom';
  let y = Math.max(bbox.top + 34 * dpr, Math.min(highest - 4 * dpr, bbox.top + bbox.height - 4 * dpr));
  while (used.some((other) => Math.abs(other - y) < 14 * dpr)) y += 15 * dpr;
  used.push(y);
  const shown = ctx.measureText(words).width <= bbox.width - 16 * dpr ? words : shortened(ctx, words, bbox.width - 16 * dpr);
  const width = ctx.measureText(shown).width;
  const end = Math.min(bbox.left + bbox.width - 6 * dpr, Math.max(right - 6 * dpr, bbox.left + width + 6 * dpr));
  ctx.fillStyle = colorOf('veil');
  ctx.fillRect(end - width - 3 * dpr, y - 13 * dpr, width + 6 * dpr, 14 * dpr);
  ctx.fillStyle = color;
  ctx.fillText(shown, end, y);
}

export function paintLanes(u: uPlot, lanes: readonly Lane[]): void {
  const { bbox, ctx } = u;
  const dpr = devicePixelRatio;
  lanes.forEach((lane, i) => {
    const y = bbox.top - (6 + (lanes.length - i) * LANE_HEIGHT) * dpr;
    ctx.font = `${11 * dpr}px ${FONT}`;
    ctx.textAlign = 'right';
    ctx.textBaseline = 'middle';
    ctx.fillStyle = colorOf('muted');
    const room = bbox.left - 10 * dpr;
    ctx.fillText(ctx.measureText(lane.label).width <= room ? lane.label : shortened(ctx, lane.label, room), bbox.left - 8 * dpr, y + 5 * dpr);
    ctx.fillStyle = colorOf('lane');
    ctx.fillRect(bbox.left, y + 9 * dpr, bbox.width, dpr);
    const fill = fillOf(lane.color, lane.pattern);
    for (const { fromMs, share, toMs } of lane.spans) {
      const from = Math.max(bbox.left, place(u, fromMs));
      const to = Math.min(bbox.left + bbox.width, place(u, toMs));
      if (to <= bbox.left || from >= bbox.left + bbox.width) continue;
      ctx.globalAlpha = 0.35 + 0.65 * share;
      ctx.fillStyle = fill;
      ctx.fillRect(from, y, Math.max(1.5 * dpr, to - from), 10 * dpr);
      ctx.globalAlpha = 1;
    }
  });
}

function place(u: uPlot, ms: number): number {
  return u.valToPos(ms / 1000, 'x', true);
}

function clipped({ bbox, ctx }: uPlot, paint: () => void): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  paint();
  ctx.restore();
}

/** Rows over time as a grid of colours, with the value under the pointer or the keyboard's cursor in words. */
import * as format from '../src/report/format.ts';
import type { ChartData } from '../src/report/html/chart.ts';
import { unpacked } from '../src/report/html/packed.ts';
import type { HeatData, HeatMeasure } from '../src/report/html/page-data.ts';
import { colorOf } from './theme.ts';

const ROW = 17;
const LABEL = 132;
const LABEL_NARROW = 84;
const TOP = 8;
const BOTTOM = 26;
const FONT = '12px ui-sans-serif, system-ui, sans-serif';

interface Measure extends Omit<HeatMeasure, 'values'> {
  /** By row and step. */
  readonly values: readonly (readonly (number | null)[])[];
}

/** @returns what paints it anew, in the colours of the moment */
export function drawHeat(box: HTMLElement, heat: HeatData, chart: ChartData | undefined): () => void {
  const { rows, stepMs } = heat;
  const measures = heat.measures.map((one): Measure => ({ ...one, values: one.values.map((row) => unpacked(row, one.most)) }));
  const steps = measures[0]?.values[0]?.length ?? 0;
  if (steps === 0) return () => {};
  let measure = measures[0]!;
  let cell: readonly [row: number, step: number] | null = null;

  const bar = document.createElement('div');
  bar.className = 'heat-bar';
  const said = document.createElement('output');
  const canvas = document.createElement('canvas');
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `Heat map of ${rows.length} endpoints; arrow keys read the values, the table below has a summary`);
  const legend = document.createElement('span');
  legend.className = 'heat-legend';
  const most = document.createElement('span');
  legend.append('0', Object.assign(document.createElement('i'), { className: 'ramp' }), most);
  const table = summaryOf(heat, () => measure);
  const buttons = measures.map((one) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = one.label;
    button.addEventListener('click', () => {
      measure = one;
      paint();
    });
    bar.append(button);
    return button;
  });
  bar.append(legend, said);
  box.replaceChildren(bar, canvas, table.element);

  const geometry = (): { readonly width: number; readonly left: number; readonly step: number } => {
    const width = box.clientWidth;
    const left = width < 560 ? LABEL_NARROW : LABEL;
    return { width, left, step: (width - left - 6) / steps };
  };

  function paint(): void {
    const { left, step, width } = geometry();
    const dpr = devicePixelRatio;
    const height = TOP + rows.length * ROW + BOTTOM;
    canvas.width = width * dpr;
    canvas.height = height * dpr;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const context = canvas.getContext('2d')!;
    context.scale(dpr, dpr);
    context.font = FONT;
    context.textBaseline = 'middle';
    const ramp = rampOf();
    for (const [row, name] of rows.entries()) {
      const y = TOP + row * ROW;
      context.textAlign = 'right';
      context.fillStyle = colorOf('ink');
      context.fillText(shortened(context, name, left - 14), left - 8, y + ROW / 2);
      for (let i = 0; i < steps; i++) {
        const value = measure.values[row]![i] ?? null;
        context.fillStyle = value === null ? colorOf('surface') : ramp(measure.most === 0 ? 0 : value / measure.most);
        // A hair wider, so that no seam shows.
        context.fillRect(left + i * step, y, step + 0.4, ROW - 1);
      }
    }
    if (chart?.x.kind === 'time') {
      context.fillStyle = colorOf('fault-edge');
      for (const { fromMs, toMs } of chart.x.windows) for (const ms of [fromMs, toMs]) context.fillRect(left + (ms / stepMs) * step - 0.75, TOP - 4, 1.5, rows.length * ROW + 6);
    }
    context.fillStyle = colorOf('muted');
    context.textAlign = 'center';
    const many = Math.max(2, Math.min(8, Math.floor((width - left) / 110)));
    for (let i = 0; i <= many; i++) {
      const at = (steps * i) / many;
      context.textAlign = i === many ? 'right' : i === 0 ? 'left' : 'center';
      context.fillText(format.duration(Math.round(at) * stepMs), left + at * step, height - BOTTOM / 2);
    }
    if (cell !== null) {
      context.strokeStyle = colorOf('ink');
      context.lineWidth = 1.5;
      context.strokeRect(left + cell[1] * step - 1, TOP + cell[0] * ROW - 1, step + 2, ROW + 1);
    }
    for (const [i, one] of measures.entries()) buttons[i]!.setAttribute('aria-pressed', String(one === measure));
    most.textContent = valueText(measure.most, measure);
    said.textContent = cell === null ? '' : `${rows[cell[0]]} at ${format.duration(cell[1] * stepMs)}: ${measure.label} ${valueText(measure.values[cell[0]]![cell[1]] ?? null, measure)}`;
    table.renew();
  }

  const pointAt = (event: PointerEvent): typeof cell => {
    const { left, step } = geometry();
    const row = Math.floor((event.offsetY - TOP) / ROW);
    const at = Math.floor((event.offsetX - left) / step);
    return row >= 0 && row < rows.length && at >= 0 && at < steps ? [row, at] : null;
  };
  canvas.addEventListener('pointermove', (event) => {
    cell = pointAt(event);
    paint();
  });
  canvas.addEventListener('pointerleave', () => {
    cell = null;
    paint();
  });
  canvas.addEventListener('keydown', (event) => {
    const move = MOVES[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const [row, step] = cell ?? [0, 0];
    cell = [Math.max(0, Math.min(rows.length - 1, row + move[0])), Math.max(0, Math.min(steps - 1, step + move[1]))];
    paint();
  });
  new ResizeObserver(paint).observe(box);
  paint();
  return paint;
}

const MOVES: Readonly<Record<string, readonly [row: number, step: number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function valueText(value: number | null, { unit }: Measure): string {
  return unit === 'share' ? format.wholePercent(value) : format.number(value);
}

/** From light to dark; in dark pages from dark to light. */
function rampOf(): (share: number) => string {
  const stops = ['heat-0', 'heat-1', 'heat-2'].map((name) => rgbOf(colorOf(name)));
  return (share) => {
    const at = Math.max(0, Math.min(1, share)) * 2;
    const [from, to] = at < 1 ? [stops[0]!, stops[1]!] : [stops[1]!, stops[2]!];
    const rest = at < 1 ? at : at - 1;
    return `rgb(${from.map((value, i) => Math.round(value + (to[i]! - value) * rest)).join(' ')})`;
  };
}

function rgbOf(color: string): readonly number[] {
  return color.match(/[\d.]+/g)!.map(Number);
}

function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  // The end tells replicas apart.
  for (let from = 1; from < text.length; from++) {
    const shorter = `…${text.slice(from)}`;
    if (context.measureText(shorter).width <= room) return shorter;
  }
  return '';
}

interface Summary {
  readonly element: HTMLElement;
  /** For the measure of the moment. */
  renew(): void;
}

/** Of each row its mean, its highest value and when that was. */
function summaryOf({ rows, stepMs }: HeatData, measureNow: () => Measure): Summary {
  const element = document.createElement('details');
  const summary = document.createElement('summary');
  const box = document.createElement('div');
  box.className = 'scroll tall';
  box.tabIndex = 0;
  element.append(summary, box);
  let shown: Measure | null = null;
  const renew = (): void => {
    const measure = measureNow();
    summary.textContent = `${measure.label} as a table`;
    if (!element.open || shown === measure) return;
    shown = measure;
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const title of ['Endpoint', 'Mean', 'Highest', 'At']) head.append(Object.assign(document.createElement('th'), { textContent: title, scope: 'col' }));
    const body = table.createTBody();
    for (const [row, name] of rows.entries()) {
      const values = measure.values[row]!.map((value, i) => ({ value, i })).filter((one): one is { value: number; i: number } => one.value !== null);
      const most = values.reduce<{ value: number; i: number } | null>((one, other) => (one === null || other.value > one.value ? other : one), null);
      const line = body.insertRow();
      line.append(Object.assign(document.createElement('th'), { textContent: name, scope: 'row' }));
      for (const text of [
        values.length === 0 ? '-' : valueText(values.reduce((sum, { value }) => sum + value, 0) / values.length, measure),
        most === null ? '-' : valueText(most.value, measure),
        most === null ? '-' : format.duration(most.i * stepMs),
      ]) line.insertCell().textContent = text;
    }
    box.replaceChildren(table);
  };
  element.addEventListener('toggle', renew);
  return { element, renew };
}

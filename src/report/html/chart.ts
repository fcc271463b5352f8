/**
 * Charts as data: what the page's script draws (`web/chart/`), and the figure that it is drawn into. The figure says in words what there is to
 * see, for those who cannot see it and where no script runs; the script adds the values as a table.
 */
import { html, type Markup } from './markup.ts';

export interface ChartData {
  /** Of the figure it belongs to. */
  readonly id: string;
  readonly x: Axis;
  readonly y: { readonly label: string; readonly unit: ChartUnit; readonly scale: 'linear' | 'log' };
  readonly series: readonly ChartSeries[];
  /** Series are drawn on top of each other. */
  readonly isStacked?: true;
  readonly lines?: readonly LimitLine[];
  /** Thin rows above the plot. */
  readonly lanes?: readonly Lane[];
  /** Charts with the same word show the same instant under the pointer. */
  readonly group?: string;
}

export type ChartUnit = 'ms' | 'perSecond' | 'share' | 'count';

export type Axis =
  /** Steps of the run: value i stands for [i, i + 1) * stepMs, the last one up to `endMs`. */
  | { readonly kind: 'time'; readonly stepMs: number; readonly count: number; readonly endMs: number; readonly windows: readonly Window[]; readonly warmupMs: number }
  /** Milliseconds, logarithmic. */
  | { readonly kind: 'latency'; readonly values: readonly number[] }
  /** Shares 0..1, drawn so that each nine has the same room. */
  | { readonly kind: 'percentile'; readonly values: readonly number[] };

/** A fault, for shading. */
export interface Window {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ChartSeries {
  readonly label: string;
  readonly values: readonly (number | null)[];
  /** A custom property of the style sheet, without `--c-`. */
  readonly color: string;
  /** So that it is told from the others without its colour. */
  readonly look: 'solid' | 'strong' | 'dashed' | 'dotted' | 'dashdot';
  /** Down to the axis. */
  readonly fill?: 'soft' | Pattern;
  readonly isStepped?: true;
}

export type Pattern = 'plain' | 'rising' | 'falling' | 'dots' | 'rows' | 'grid';

export interface LimitLine {
  readonly label: string;
  /** One for the whole chart, or one a step. */
  readonly value: number | readonly (number | null)[];
  readonly isMet: boolean;
  /** Where it holds; the whole chart unless given. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

export interface Lane {
  readonly label: string;
  readonly pattern: Pattern;
  readonly color: string;
  readonly spans: readonly { readonly fromMs: number; readonly toMs: number; /** 0..1 */ readonly share: number }[];
}

export interface Figure {
  readonly id: string;
  readonly title: string;
  /** What there is to see, in a sentence or two. */
  readonly text: string;
  readonly isSmall?: true;
}

export function chartFigure({ id, isSmall, text, title }: Figure): Markup {
  return html`<figure class="chart${isSmall === true ? ' small' : ''}" id="${id}" aria-labelledby="${id}-title">
<figcaption><h3 id="${id}-title">${title}</h3><p>${text}</p></figcaption>
<div class="plot"></div>
</figure>`;
}

/** Three significant digits more than anybody reads off a chart, and a third of the bytes. */
export function rounded(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value) => (value === null || !Number.isFinite(value) ? null : Number(value.toPrecision(4))));
}

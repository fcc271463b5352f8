/** What a page's script is given beside the markup: what it has to draw. */
import type { ChartData } from './chart.ts';

export interface PageData {
  readonly charts: readonly ChartData[];
  readonly heat?: HeatData;
}

/** Rows over time; each measure has its values by row and step. */
export interface HeatData {
  readonly stepMs: number;
  readonly rows: readonly string[];
  readonly measures: readonly HeatMeasure[];
}

export interface HeatMeasure {
  readonly label: string;
  readonly unit: 'share' | 'count';
  /** What the darkest colour stands for. */
  readonly most: number;
  /** By row, packed. */
  readonly values: readonly string[];
}

/** A scenario that a page with the simulator in it can run. */
export interface ScenarioChoice {
  readonly name: string;
  readonly description: string;
  readonly text: string;
  /** That runs it on the command line; null where there is none but for a file with this text. */
  readonly command: string | null;
}

/**
 * A run as a page: verdict first, then what explains it. Tables, verdict and drawings of a fixed shape are markup, so they need no script; charts
 * over time are drawn by one. Nothing in it depends on wall time or host, so equal runs give equal bytes.
 */
import type { Reporter } from '../../reporter.ts';
import { nothing } from '../blocks.ts';
import { pageOf, type PageSection } from '../page.ts';
import { html } from '../markup.ts';
import { blameSection } from './blame.ts';
import { distributionCharts, distributionFigures } from './distribution.ts';
import { headOf } from './head.ts';
import { heatOf, heatSection } from './heat.ts';
import { invariantSection } from './invariants.ts';
import { notModelledSection } from './not-modelled.ts';
import { sourceSection } from './source.ts';
import { edgeTable, endpointTable, faultTable, replicationTable, serviceTable, trafficTable } from './tables.ts';
import { thresholdSection } from './thresholds.ts';
import { timelineSection } from './timeline.ts';
import { errorFigure, latencyFigure, loadFigure, policyCharts, timeCharts } from './time-charts.ts';
import { topologySection } from './topology.ts';
import { waterfallSection } from './waterfall.ts';
import { whatIf } from './what-if.ts';

export const htmlReporter: Reporter = {
  doc: 'A page for people, `report.html`: one file that needs no network.',
  file: 'report.html',
  render(result, { again, hasPlayground }) {
    const heat = heatOf(result);
    const playground = hasPlayground === true ? whatIf(result, again) : null;
    const isSilent = result.totals.requests === 0;
    const sections: PageSection[] = [
      thresholdSection(result),
      ...invariantSection(result),
      topologySection(result),
      {
        id: 'latency', title: 'Latency over time',
        lead: html`Of the requests that ended in each step, whether they succeeded or not. Shaded: faults.<span class="js-only"> Drag to look closer, double-click to come back.</span>`,
        body: isSilent ? nothing('No request was measured.') : latencyFigure(result),
      },
      {
        id: 'distribution', title: 'Latency distribution', lead: 'Of all requests of the measured window. A limit that many requests hit, such as a timeout, shows as a bar that stands alone.',
        body: isSilent ? nothing('No request was measured.') : html`<div class="pair">${distributionFigures(result)}</div>`,
      },
      { id: 'load', title: 'Offered load, goodput and attempts', lead: 'What was asked for, what was answered well, and what it cost in attempts on all edges together.', body: loadFigure(result) },
      { id: 'errors', title: 'Errors by cause', lead: 'Failed requests by how they ended; the causes sum to the total.', body: errorFigure(result) },
      {
        id: 'tables', title: 'Services and edges', lead: html`Of the measured window.<span class="js-only"> Click a title to sort.</span>`,
        body: [serviceTable(result), edgeTable(result), endpointTable(result), faultTable(result), trafficTable(result), replicationTable(result)],
      },
      heatSection(result, heat),
      timelineSection(result),
      blameSection(result),
      waterfallSection(result),
      ...(playground === null ? [] : [playground.section]),
      sourceSection(result),
      notModelledSection(result),
    ];
    return pageOf({
      kind: 'run report',
      name: result.scenario.name,
      head: headOf(result, again),
      sections,
      ...(playground === null || playground.panel === null ? {} : { panel: playground.panel }),
      data: { charts: [...timeCharts(result), ...distributionCharts(result), ...policyCharts(result)], ...(heat === null ? {} : { heat }) },
      end: html`<p>Made by meshsim ${result.meshsim} from <code>${result.scenario.name}</code> (sha256 <code>${result.scenario.sha256.slice(0, 12)}</code>), seed ${result.seed}. Result digest <code>${result.digest}</code>: the same command gives the same bytes. All figures are in result.json.</p>`,
    });
  },
};

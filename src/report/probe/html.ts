/** What a probe found as a page: the two states of the system over its load, and how long each push may last. */
import type { ProbeReport, PushReport, SustainerReport } from '../../probe/report.ts';
import * as format from '../format.ts';
import { dataTable } from '../html/data-table.ts';
import { html, type Markup } from '../html/markup.ts';
import { commandBlock, nothing } from '../html/blocks.ts';
import { pageOf } from '../html/page.ts';
import { fitting, px } from '../html/svg.ts';
import type { ReportOptions } from '../reporter.ts';
import { styleOf } from '../style.ts';
import { figuresOf, loadOf, verdictOf } from './terminal.ts';

const SIGNS = styleOf({ color: false, unicode: true });

export function probeHtml(report: ProbeReport, { again }: Pick<ReportOptions, 'again'>): string {
  const { longestMs, pushes, runs, scenario, sustainedBy, verdict, watchMs } = report;
  const { detail, mark, word } = verdictOf(report);
  return pageOf({
    kind: 'probe',
    name: scenario.name,
    head: html`<div class="head"><h1>${scenario.name}</h1><p class="description">Push it, let go, and watch whether it comes back</p>
<div class="verdict ${mark}" role="status"><p class="word"><span class="sign" aria-hidden="true">${SIGNS.mark(mark)}</span> ${word.charAt(0) + word.slice(1).toLowerCase()} <span class="detail">${detail}</span></p></div>
<p class="ran">${loadOf(report, 1)} · ${runs} seeds · watched ${format.duration(watchMs)} after each push · no push longer than ${format.duration(longestMs)} · seed ${report.seed}</p>
${commandBlock(again)}
<dl class="facts">${figuresOf(report).map(({ title, versions }) => html`<div><dt>${title.charAt(0) + title.slice(1).toLowerCase()}</dt><dd>${versions[0]!}</dd></div>`)}</dl></div>`,
    sections: [
      {
        id: 'hysteresis', title: 'Load up, load down',
        lead: 'Raise the load and the system stands until it falls over by itself; once it is down, the load must fall to where every push is recovered from. Between the two it stands only as long as nothing pushes it. Loads are measured, heights are not.',
        body: html`<div class="scroll" tabindex="0" role="region" aria-label="Load up, load down">${hysteresis(report)}</div>`,
      },
      {
        id: 'pushes', title: 'How long each push may last',
        lead: 'On a logarithmic scale: up to the end of the full bar it comes back, from the hatched one on it stays down; where exactly between the two is not known.',
        body: pushes.length === 0 ? nothing('Nothing was pushed: it is down without a trigger.') : html`<div class="scroll" tabindex="0" role="region" aria-label="Pushes">${pushDrawing(report)}</div>${pushTable(report)}`,
      },
      {
        id: 'sustained', title: 'What keeps it down',
        body: verdict !== 'metastable' ? nothing(verdict === 'down' ? 'It is down by itself at this load.' : 'Every push was recovered from.')
          : sustainedBy.length === 0 ? nothing('Something else than retries: it stays down without them, too.') : sustainerTable(sustainedBy),
      },
    ],
    data: { charts: [] },
    end: html`<p>After Bronson, Aghayev, Charapko and Zhu, Metastable Failures in Distributed Systems (HotOS 2021). Scenario sha256 <code>${scenario.sha256.slice(0, 12)}</code>. All figures are in probe.json.</p>`,
  });
}

const WIDTH = 1000;
const HEIGHT = 380;
const LEFT = 40;
const RIGHT = 24;
const TOP = 64;
const GROUND = 316;
/** Of the picture's height, how far up a system that is down still answers: for drawing only. */
const DOWN_HEIGHT = 40;

function hysteresis(report: ProbeReport): Markup {
  const { load: { downFrom, safeUpTo } } = report;
  const known = [1, ...(safeUpTo === null ? [] : [safeUpTo]), ...(downFrom === null ? [] : [downFrom])];
  const most = Math.max(...known) * 1.25;
  const x = (share: number): number => px(LEFT + ((WIDTH - LEFT - RIGHT) * share) / most);
  const up = (share: number): number => px(GROUND - 12 - ((GROUND - TOP - 56) * share) / (downFrom ?? most));
  const low = GROUND - DOWN_HEIGHT;
  const [safe, fall] = [x(safeUpTo ?? 0), x(downFrom ?? most)];
  const end = WIDTH - RIGHT;
  const zone = (name: string, from: number, to: number, title: string, text: string): Markup | null =>
    to - from < 2 ? null : html`<rect class="zone-${name}" x="${from}" y="${TOP - 34}" width="${px(to - from)}" height="${GROUND - TOP + 34}"/>${to - from > 90 && html`<text class="zone" x="${px((from + to) / 2)}" y="${TOP - 14}" text-anchor="middle">${fitting(title, to - from - 8, 13.5)}</text><text class="note-text" x="${px((from + to) / 2)}" y="${TOP + 3}" text-anchor="middle">${to - from > 210 && text}</text>`}`;
  const jump = (at: number, from: number, to: number): Markup => {
    const sign = to > from ? 1 : -1;
    return html`<path class="jump" d="M${at} ${px(from + 6 * sign)}V${px(to - 12 * sign)}"/><path class="arrow" d="M${at} ${px(to - 4 * sign)}l-5 ${-10 * sign}h10z"/>`;
  };
  return html`<svg class="hysteresis" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${`Up to ${safeUpTo === null ? 'no load tried' : loadOf(report, safeUpTo)} every push is recovered from; from ${downFrom === null ? 'no load tried' : loadOf(report, downFrom)} on it falls over by itself; this file has ${loadOf(report, 1)}.`}">
${zone('safe', LEFT, safe, 'safe', 'every push is recovered from')}
${zone('both', safe, fall, 'vulnerable', 'up or down, both last')}
${zone('down', fall, end, 'down', 'falls over by itself')}
<path class="axis" d="M${LEFT} ${TOP - 34}V${GROUND}H${end}" fill="none"/>
<text class="note-text" transform="translate(${LEFT - 14} ${GROUND - 12}) rotate(-90)">answered well →</text>
<path class="branch up" d="M${LEFT} ${up(0)}L${fall} ${up(downFrom ?? most)}"/>
<text x="${px((LEFT + fall) / 2 - 12)}" y="${px(up((downFrom ?? most) / 2) - 14)}" text-anchor="end">up: answers what comes</text>
${safe < end - 2 && html`<path class="branch down" d="M${safe} ${low}H${end}"/><text x="${safe + 14}" y="${low + 22}">down: busy with work that nobody waits for</text>`}
${downFrom !== null && jump(fall, up(downFrom), low)}
${safeUpTo !== null && safe < end - 2 && jump(safe, low, up(safeUpTo))}
<line class="here" x1="${x(1)}" x2="${x(1)}" y1="${TOP - 34}" y2="${GROUND + 6}"/><text class="here-text" x="${x(1)}" y="${TOP - 42}" text-anchor="middle">this file: ${loadOf(report, 1)}</text>
${safeUpTo !== null && html`<text x="${safe}" y="${GROUND + 20}" text-anchor="middle">${loadOf(report, safeUpTo)}</text>`}
${downFrom !== null && html`<text x="${fall}" y="${GROUND + (Math.abs(fall - safe) < 110 ? 38 : 20)}" text-anchor="middle">${loadOf(report, downFrom)}</text>`}
<text class="note-text" x="${end}" y="${HEIGHT - 6}" text-anchor="end">load →</text></svg>`;
}

const PUSH_LEFT = 170;
const ROW = 34;

function pushDrawing({ longestMs, pushes }: ProbeReport): Markup {
  const least = Math.min(longestMs, ...pushes.flatMap(({ recoversFromMs, staysDownFromMs }) => [recoversFromMs, staysDownFromMs].filter((ms) => ms !== null))) / 2;
  const x = (ms: number): number => px(PUSH_LEFT + ((WIDTH - PUSH_LEFT - 40) * Math.log(Math.max(1, ms / least))) / Math.log(Math.max(2, longestMs / least)));
  const marks = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000].filter((ms) => ms >= least && ms <= longestMs);
  const shown = marks.filter((_, i) => marks.length <= 10 || i % 2 === 0);
  const height = 28 + pushes.length * ROW;
  return html`<svg class="hysteresis" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Longest pushes that are recovered from; the table below has the same.">
${shown.map((ms) => html`<line class="grid" x1="${x(ms)}" x2="${x(ms)}" y1="20" y2="${height}"/><text class="tick" x="${x(ms)}" y="12" text-anchor="middle">${format.duration(ms)}</text>`)}
${pushes.map(({ recoversFromMs, staysDownFromMs, trigger }, i) => {
    const y = 26 + i * ROW;
    const holds = recoversFromMs === null ? PUSH_LEFT : x(recoversFromMs);
    const breaks = staysDownFromMs === null ? null : x(staysDownFromMs);
    return html`<g><title>${`${trigger}: ${recoversFromMs === null ? 'no push is recovered from' : `recovers from ${format.duration(recoversFromMs)}`}${staysDownFromMs === null ? '' : `, stays down from ${format.duration(staysDownFromMs)}`}`}</title><text x="${PUSH_LEFT - 12}" y="${y + 16}" text-anchor="end">${fitting(trigger, PUSH_LEFT - 20, 13)}</text><rect class="push-ok" x="${PUSH_LEFT}" y="${y + 4}" width="${px(Math.max(2, holds - PUSH_LEFT))}" height="16" rx="3"/>${breaks !== null && html`<rect class="push-gap" x="${holds}" y="${y + 10}" width="${px(Math.max(0, breaks - holds))}" height="4"/><rect class="push-down" x="${breaks}" y="${y + 4}" width="${px(Math.max(2, WIDTH - 40 - breaks))}" height="16" rx="3"/><rect fill="url(#p-rising)" x="${breaks}" y="${y + 4}" width="${px(Math.max(2, WIDTH - 40 - breaks))}" height="16"/>`}</g>`;
  })}</svg>`;
}

function pushTable({ longestMs, pushes, runs }: ProbeReport): Markup {
  return dataTable<PushReport>({ title: 'Pushes', rows: pushes, columns: [
    { title: 'Trigger', isText: true, of: ({ trigger }) => ({ text: trigger, value: trigger }) },
    { title: 'Recovers from', of: ({ recoversFromMs }) => ({ text: recoversFromMs === null ? format.NOTHING : `${format.duration(recoversFromMs)}${recoversFromMs >= longestMs ? ' and more' : ''}`, value: recoversFromMs }) },
    { title: 'In', doc: 'median time to recover', of: ({ recoversFromMs, recoveryMs }) => ({ text: recoversFromMs === null ? format.NOTHING : recoveryMs === null ? 'still draining' : format.duration(recoveryMs), value: recoveryMs }) },
    { title: 'Stays down from', of: ({ staysDownFromMs }) => ({ text: staysDownFromMs === null ? format.NOTHING : format.duration(staysDownFromMs), value: staysDownFromMs, ...(staysDownFromMs === null ? {} : { tone: 'bad' as const }) }) },
    { title: 'Runs down', of: ({ down }) => ({ text: down === null ? format.NOTHING : `${down} of ${runs}`, value: down }) },
  ] });
}

function sustainerTable(sustainedBy: readonly SustainerReport[]): Markup {
  return html`<p class="note">The same push is recovered from without the retries of</p>${dataTable<SustainerReport>({ title: 'What keeps it down', rows: sustainedBy, columns: [
    { title: 'Edges', isText: true, of: ({ edges }) => ({ text: edges.join(', ') }) },
    { title: 'Attempts a call while down', of: ({ attempts }) => ({ text: format.times(attempts), value: attempts }) },
    { title: 'Recovers without them in', of: ({ recoveryMs }) => ({ text: recoveryMs === null ? 'still draining' : format.duration(recoveryMs), value: recoveryMs }) },
  ] })}`;
}

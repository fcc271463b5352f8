/** What a reader should know before trusting or acting on the figures. */
import { counted, grouped } from '../model/grouped.ts';
import type { Plan } from '../model/plan.ts';
import { samplesFor } from '../model/samples.ts';
import { oddOnesAbove } from '../stats/odd.ts';
import type { Figures } from './build.ts';
import type { RealFigures, WarningResult } from './result.ts';

/** Busy from here on counts as saturated. */
const SATURATED = 0.98;
const TAIL_SAMPLES = samplesFor(0.999);
/** Share of good answers in the drain that is more than the last few under way. */
const LATE_SHARE = 0.05;
/** Times the typical mean latency from which an endpoint is worth naming. */
const SLOW_RATIO = 1.5;

export const FLOODED: WarningResult = { code: 'flooded', message: 'stopped early: a million attempts were in flight, so load is far above what the services can answer; bound their queues, or set timeouts and `onCancel`' };
export const STOPPED: WarningResult = { code: 'partial', message: 'stopped early: figures cover only the time up to then' };
export const ABORTED: WarningResult = { code: 'aborted', message: 'stopped early: a threshold with `abort` failed' };

export function warningsOf(
  plan: Plan,
  figures: Figures,
  { complete, droppedEvents, lateAnswers }: { readonly complete: boolean; readonly droppedEvents: number; readonly lateAnswers: number },
  real: RealFigures | null,
): WarningResult[] {
  const warnings: WarningResult[] = [];
  if (real?.distorted === true) warnings.push({ code: 'distorted', message: distortion(real) });
  const unfinished = figures.totals.causes.unfinished ?? 0;
  if (unfinished > 0) {
    const message = complete
      ? `${counted(unfinished, 'request')} ${unfinished === 1 ? 'was' : 'were'} still in flight when the drain ended; a longer \`drain\` or a \`timeout\` would settle ${unfinished === 1 ? 'it' : 'them'}`
      : `${grouped(unfinished)} of the failures ${unfinished === 1 ? 'is a request that was' : 'are requests that were'} in flight when the run was stopped: ${unfinished === 1 ? 'it is' : 'they are'} \`unfinished\`, and how ${unfinished === 1 ? 'it' : 'they'} would have ended is not known`;
    warnings.push({ code: 'unfinished', message });
  }
  if (lateAnswers > LATE_SHARE * figures.totals.ok) {
    const share = Number(((100 * lateAnswers) / figures.totals.ok).toPrecision(2));
    warnings.push({ code: 'late-answers', message: `${share} % of the good answers came after arrivals had ended: a backlog was still being worked off, and goodput counts it` });
  }
  for (const { name } of plan.services) {
    const replicas = Object.entries(figures.endpoints).filter(([endpoint]) => endpoint.startsWith(`${name}/`));
    const saturated = replicas.filter(([, { busy }]) => busy !== null && busy >= SATURATED).map(([endpoint]) => endpoint);
    if (saturated.length > 0) warnings.push({ code: 'saturated', message: `${listed(saturated)} had all slots in use nearly all the time` });
  }
  warnings.push(...plan.services.flatMap(({ name }) => oddEndpoints(name, figures)));
  if (figures.totals.requests > 0 && figures.totals.requests < TAIL_SAMPLES) {
    warnings.push({ code: 'few-samples', message: `p99.9 rests on ${grouped(figures.totals.requests)} requests; ${grouped(TAIL_SAMPLES)} or more would make it mean something` });
  }
  if (droppedEvents > 0) {
    warnings.push({ code: 'events-cut', message: `${grouped(droppedEvents)} more events of policies are counted but not listed` });
  }
  return warnings;
}

/** Endpoints whose answers took far longer than those of their siblings. */
function oddEndpoints(service: string, figures: Figures): WarningResult[] {
  const replicas = Object.entries(figures.endpoints).filter(([name, { latencyMs }]) => name.startsWith(`${service}/`) && latencyMs.mean !== null);
  const means = replicas.map(([, { latencyMs }]) => latencyMs.mean ?? 0);
  const odd = oddOnesAbove(means, SLOW_RATIO);
  if (odd.length === 0) return [];
  const typical = [...means].sort((a, b) => a - b)[Math.floor(means.length / 2)] ?? 0;
  const names = listed(odd.map((i) => replicas[i]?.[0] ?? ''));
  const slowest = Math.max(...odd.map((i) => means[i] ?? 0));
  return [{ code: 'odd-endpoint', message: `${names} answered in ${inMs(slowest)} on average, a typical replica of ${service} in ${inMs(typical)}` }];
}

function distortion({ latenessMs, loopLagMs, timeScale }: RealFigures): string {
  const lag = `requests were sent up to ${inMs(latenessMs.p99 ?? 0)} late and the event loop up to ${inMs(loopLagMs.p99 ?? 0)} behind (p99), which is more than 5 % of the latency p99`;
  return `${lag}: the figures say as much of this machine as of the mesh; try an idle machine, or meshsim run with --time-scale ${timeScale * 10}`;
}

function inMs(value: number): string {
  return value >= 1000 ? `${grouped(Math.round(value))} ms` : `${Number(value.toPrecision(3))} ms`;
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}

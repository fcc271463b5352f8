/** The panel in which the scenario of a report can be turned; the simulator is then part of the page. */
import type { Result } from '../../../result/result.ts';
import { nothing } from '../blocks.ts';
import { html, type Markup } from '../markup.ts';
import type { PageSection } from '../page.ts';
import { panelParts } from '../panel.ts';
import { isKnown, NO_FILE, textOf } from './source.ts';

export interface WhatIf {
  readonly section: PageSection;
  /** Beside the section; null where there is nothing to turn. */
  readonly panel: Markup | null;
}

/** @param again  a command that reproduces the run */
export function whatIf(result: Result, again: string): WhatIf {
  const about = { id: 'what-if', title: 'What if?' };
  const { scenario } = result;
  if (!isKnown(scenario)) return { section: { ...about, body: nothing(NO_FILE) }, panel: null };
  // Of several replications the panel runs one, and of real time it runs none.
  const isSame = result.mode === 'sim' && result.reps.length === 1;
  return {
    section: {
      ...about,
      lead: html`The scenario as it ran, to be turned: the simulator is in this page, with the same seed.${!isSame && ` It makes one run in virtual time, so its figures are not those of ${result.mode === 'real' ? 'a run on sockets' : `${result.reps.length} replications`}.`}`,
      body: html`<div id="playground"><p class="nothing">The simulator begins when this comes into sight, and needs JavaScript.</p></div>`,
    },
    panel: panelParts([{ name: scenario.name, description: '', text: textOf(withAllThresholds(result)), command: isSame ? again : null }]),
  };
}

/** Those of flags are no part of the file. */
function withAllThresholds({ scenario, thresholds }: Result): unknown {
  const { thresholds: own } = scenario.resolved as { readonly thresholds?: readonly unknown[] };
  const known = Array.isArray(own) ? own : [];
  return { ...(scenario.resolved as object), thresholds: [...known, ...thresholds.slice(known.length).map(({ expr }) => expr)] };
}

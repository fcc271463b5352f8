/** What a reader should not conclude from a run: what the simulator leaves out, for every run and for the policies of this one. */
import { NOT_MODELLED } from '../../not-modelled.ts';
import type { Result } from '../../../result/result.ts';
import { html } from '../markup.ts';
import { prose } from '../blocks.ts';
import type { PageSection } from '../page.ts';

export function notModelledSection({ mode, real }: Result): PageSection {
  return {
    id: 'limits', title: 'What is not modelled',
    lead: mode === 'real' ? 'The mesh was made of real sockets on one machine; its services and faults were made up.' : 'A simulation answers the questions that its model has. These are not among them:',
    body: html`<ul class="limits">${real?.distorted === true && html`<li><strong>The clock was not kept well: lateness is more than 5 % of the p99, which so tells of this machine as much as of the mesh.</strong></li>`}${NOT_MODELLED.map((note) => html`<li>${prose(note)}</li>`)}</ul><p class="note">Where a policy is known to differ from the product that it copies is in docs/policies.md.</p>`,
  };
}

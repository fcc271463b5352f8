/** The script of a page with the simulator in it: all that a report can, and the panel. */
import './report.ts';
import type { ScenarioChoice } from '../src/report/html/page-data.ts';
import { stateIn } from './playground/address.ts';
import { inflated } from './playground/deflate.ts';
import { Panel } from './playground/panel.ts';

async function begin(): Promise<void> {
  const root = document.getElementById('playground')!;
  const text = (id: string): string => document.getElementById(id)!.textContent!; // written by the page that this is part of
  const choices = JSON.parse(text('scenarios')) as readonly ScenarioChoice[];
  const source = await inflated(text('simulator').trim());
  // Of a page of its own the address is the state; a report is at somebody else's.
  const hasAddress = root.dataset['address'] === 'own';
  const state = hasAddress ? await stateIn(location.hash) : null;
  const panel = new Panel(root, source, choices, hasAddress, state ?? { text: choices[0]!.text, sides: [{}] });
  if (hasAddress && state === null && location.hash.length > 1) panel.say('The address says nothing that can be understood here, so this is the first scenario.');
}

/** A report is read first: its panel begins when it comes into sight. */
const observer = new IntersectionObserver((entries) => {
  if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
  observer.disconnect();
  void begin();
}, { rootMargin: '200px' });
observer.observe(document.getElementById('playground')!);

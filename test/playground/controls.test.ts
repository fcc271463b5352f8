import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { shippedScenarios } from '../../scripts/shipped.ts';
import { type Control, deskOf, type Setting } from '../../src/playground/controls.ts';
import { editScenario } from '../../src/scenario/edit.ts';
import type { Override } from '../../src/scenario/override.ts';
import { type ParsedScenario, parseScenario } from '../../src/scenario/parse.ts';

const WITHOUT_POLICIES = 'name: bare\nduration: 5s\nservices: { a: { replicas: 3, latency: 1ms } }\ntraffic: [{ to: a, rate: 10/s }]\n';
const SCENARIOS = [
  ...[...shippedScenarios(), ...shippedScenarios('.', 'scenarios/museum'), ...shippedScenarios('.', 'templates')].map(({ path, text }) => ({ path, text })),
  { path: 'bare', text: WITHOUT_POLICIES },
];

/** What a person can turn to that makes no sense, and is told so as in a file: a timeout above another, fewer replicas than a fault names. */
const SAID = new Set(['timeout-order', 'unknown-reference', 'contradiction', 'bad-threshold']);

describe.each(SCENARIOS)('the controls of $path', ({ text }) => {
  const before = parsed(text);
  const desk = deskOf(before.resolved);
  const controls = desk.groups.flatMap((group) => group.controls);

  test('have a name each, and as they stand change nothing', () => {
    expect(new Set(controls.map(({ id }) => id)).size).toBe(controls.length);
    expect(desk.overridesFor({})).toEqual([]);
    expect(desk.overridesFor(Object.fromEntries(controls.map(({ id, value }) => [id, value])))).toEqual([]);
  });

  test('show a load, and a policy for each that is used', () => {
    expect(desk.groups.map(({ title }) => title)).toEqual(expect.arrayContaining(['Load', 'Replicas', expect.stringMatching(/^Policy /)]));
  });

  test('make scenarios that run, each alone and, where that says something, only if they change something', () => {
    for (const control of controls) {
      for (const value of otherValues(control)) {
        const set = desk.overridesFor({ ...shownWith(control, controls), [control.id]: value });
        expect(set, control.id).not.toEqual([]);
        const after = parsed(text, set);
        const errors = after.problems.filter(({ severity }) => severity === 'error');
        expect(errors.filter(({ code }) => !SAID.has(code)), `${control.id} ${String(value)}: ${JSON.stringify(set)}`).toEqual([]);
        if (errors.length === 0) expect(after.resolved, `${control.id} ${String(value)}`).not.toEqual(before.resolved);
      }
    }
  });

  test('are downloaded as they are run', () => {
    for (const control of controls) {
      const [value] = otherValues(control);
      const set = desk.overridesFor({ ...shownWith(control, controls), [control.id]: value! });
      const after = parsed(text, set);
      if (after.plan !== null) expect(parsed(editScenario(text, set)).resolved, control.id).toEqual(after.resolved);
    }
  });
});

test('what an address says of controls that are not there changes nothing', () => {
  expect(deskOf(parsed(readFileSync('scenarios/quickstart.yaml', 'utf8')).resolved).overridesFor({ 'absent.timeout': 5, __proto__: 3 as never, 'load.7': 2 })).toEqual([]);
});

function parsed(text: string, set: readonly Override[] = []): ParsedScenario {
  return parseScenario(text, { set, readFile: (file) => readFileSync(`scenarios/${file}`, 'utf8') });
}

function otherValues(control: Control): Setting[] {
  switch (control.kind) {
    case 'slider': {
      const others = control.stops.filter((stop) => stop !== control.value);
      return [others[0]!, others.at(-1)!];
    }
    case 'choice':
      return control.choices.filter((choice) => choice !== control.value);
    case 'switch':
      return [!control.value];
    default:
      return control satisfies never;
  }
}

/** What else has to be turned for the control to be seen. */
function shownWith(control: Control, controls: readonly Control[]): Record<string, Setting> {
  const values = Object.fromEntries(controls.map(({ id, value }) => [id, value]));
  if (control.shownWhen === undefined || control.shownWhen(values)) return {};
  const [policy] = control.id.split('.');
  if (control.id.endsWith('.hedgeBudget')) return { [`${policy}.hedge`]: 50 };
  return ['inARow', 'maxEjected', 'panic'].some((what) => control.id.endsWith(what)) ? { [`${policy}.ejection`]: true } : { [`${policy}.attempts`]: 2 };
}

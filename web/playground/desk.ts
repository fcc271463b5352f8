/** The controls of one side. */
import type { Control, Desk, Setting, Settings } from '../../src/playground/controls.ts';

/** @param changed  hears of each turn, while it is being made */
export function deskElement({ groups }: Desk, settings: Settings, prefix: string, changed: (settings: Settings) => void): HTMLElement {
  const controls = groups.flatMap((group) => group.controls);
  const initial: Settings = Object.fromEntries(controls.map(({ id, value }) => [id, value]));
  let turned: Record<string, Setting> = { ...settings };
  const valueOf = (id: string): Setting => turned[id] ?? initial[id]!;
  const rows = new Map<string, HTMLElement>();
  const show = (): void => {
    const values = { ...initial, ...turned };
    for (const { id, shownWhen } of controls) rows.get(id)!.hidden = shownWhen?.(values) === false;
    for (const { id } of controls) rows.get(id)!.classList.toggle('turned', valueOf(id) !== initial[id]);
  };
  const turn = (id: string, value: Setting): void => {
    turned = { ...turned, [id]: value };
    if (value === initial[id]) delete turned[id];
    show();
    changed(turned);
  };
  const element = document.createElement('div');
  element.className = 'desk';
  for (const { controls: own, doc, title } of groups) {
    const set = document.createElement('fieldset');
    const legend = document.createElement('legend');
    legend.textContent = title;
    legend.title = doc;
    set.append(legend);
    for (const control of own) {
      const row = rowOf(control, `${prefix}-${control.id}`, valueOf(control.id), (value) => turn(control.id, value));
      rows.set(control.id, row);
      set.append(row);
    }
    element.append(set);
  }
  show();
  return element;
}

function rowOf(control: Control, id: string, value: Setting, turn: (value: Setting) => void): HTMLElement {
  const row = document.createElement('div');
  row.className = `control ${control.kind}`;
  const label = document.createElement('label');
  label.htmlFor = id;
  label.textContent = control.label;
  switch (control.kind) {
    case 'slider': {
      const { shown, stops } = control;
      const input = Object.assign(document.createElement('input'), { id, type: 'range', min: '0', max: String(stops.length - 1), step: '1' });
      // An address may say a value between two stops.
      const nearest = stops.reduce((best, stop, i) => (Math.abs(stop - Number(value)) < Math.abs(stops[best]! - Number(value)) ? i : best), 0);
      input.value = String(nearest);
      const output = document.createElement('output');
      output.htmlFor.add(id);
      const say = (): void => {
        output.textContent = shown(stops[Number(input.value)]!);
        input.setAttribute('aria-valuetext', output.textContent);
      };
      say();
      input.addEventListener('input', () => {
        say();
        turn(stops[Number(input.value)]!);
      });
      row.append(label, output, input);
      return row;
    }
    case 'choice': {
      const select = Object.assign(document.createElement('select'), { id });
      select.append(...control.choices.map((choice) => new Option(choice, choice, false, choice === value)));
      select.addEventListener('change', () => turn(select.value));
      row.append(label, select);
      return row;
    }
    case 'switch': {
      const input = Object.assign(document.createElement('input'), { id, type: 'checkbox', checked: value === true });
      input.addEventListener('change', () => turn(input.checked));
      row.append(input, label);
      return row;
    }
    default:
      return control satisfies never;
  }
}

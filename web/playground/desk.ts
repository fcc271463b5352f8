/** The controls of one side. */
import { around, type Control, type ControlGroup, type Desk, type Setting, type Settings } from '../../src/playground/controls.ts';

export interface DeskOptions {
  readonly settings: Settings;
  /** Of ids, which stand for the side too. */
  readonly prefix: string;
  /** Groups that somebody opened or closed, by title; kept up to date. */
  readonly opened: Map<string, boolean>;
  /** Hears of each turn, while it is being made. */
  readonly changed: (settings: Settings) => void;
}

export function deskElement({ groups }: Desk, { changed, opened, prefix, settings }: DeskOptions): HTMLElement {
  const controls = groups.flatMap((group) => group.controls);
  const initial: Settings = Object.fromEntries(controls.map(({ id, value }) => [id, value]));
  let turned: Record<string, Setting> = { ...settings };
  const valueOf = (id: string): Setting => turned[id] ?? initial[id]!;
  const rows = new Map<string, HTMLElement>();
  const counts: (() => void)[] = [];
  const isTurned = ({ id }: Control): boolean => valueOf(id) !== initial[id];
  const show = (): void => {
    const values = { ...initial, ...turned };
    for (const control of controls) {
      const row = rows.get(control.id)!;
      row.hidden = control.shownWhen?.(values) === false;
      row.classList.toggle('turned', isTurned(control));
    }
    for (const count of counts) count();
  };
  const turn = (id: string, value: Setting): void => {
    turned = { ...turned, [id]: value };
    if (value === initial[id]) delete turned[id];
    show();
    changed(turned);
  };
  const element = document.createElement('div');
  element.className = 'desk';
  for (const group of groups) {
    const { count, set } = groupElement(group, opened);
    counts.push(() => (count.textContent = countText(group.controls.filter(isTurned).length)));
    for (const control of group.controls) {
      const row = rowOf(control, `${prefix}-${control.id}`, valueOf(control.id), (value) => turn(control.id, value));
      rows.set(control.id, row);
      set.append(row);
    }
    element.append(set);
  }
  show();
  return element;
}

function countText(turned: number): string {
  return turned === 0 ? '' : `${turned} turned`;
}

function groupElement({ doc, isOpen, title }: ControlGroup, opened: Map<string, boolean>): { readonly set: HTMLElement; readonly count: HTMLElement } {
  const set = document.createElement('details');
  set.className = 'group';
  set.open = opened.get(title) ?? isOpen;
  set.setAttribute('role', 'group');
  set.setAttribute('aria-label', title);
  const summary = document.createElement('summary');
  // Not `toggle`, which also comes when a group is drawn open. The click is not carried out yet.
  summary.addEventListener('click', () => opened.set(title, !set.open));
  const count = document.createElement('span');
  count.className = 'count';
  summary.append(title, ' ', count);
  set.append(summary);
  if (doc !== null) set.append(Object.assign(document.createElement('p'), { textContent: doc }));
  return { set, count };
}

function rowOf(control: Control, id: string, value: Setting, turn: (value: Setting) => void): HTMLElement {
  const row = document.createElement('div');
  row.className = `control ${control.kind}`;
  const label = document.createElement('label');
  label.htmlFor = id;
  label.textContent = control.label;
  switch (control.kind) {
    case 'slider': {
      const { shown } = control;
      // An address may say a value between two stops.
      const { stops } = around(control.stops, Number(value));
      const input = Object.assign(document.createElement('input'), { id, type: 'range', min: '0', max: String(stops.length - 1), step: '1' });
      input.value = String(stops.indexOf(Number(value)));
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

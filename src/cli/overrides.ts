/** Flags that change values of a scenario file. */
import type { Override } from '../scenario/override.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

/** In the order in which they apply: the flags with a name of their own win over `--set`. */
export function overridesOf(settings: Settings): Override[] {
  return [...settings.all('set').map((text) => pathAndValue('--set', text)), ...namedOverridesOf(settings)];
}

/** Of the flags with a name of their own. */
export function namedOverridesOf(settings: Settings): Override[] {
  const seed = settings.text('seed');
  if (seed !== null && !/^\d{1,15}$/.test(seed)) throw new UserError('usage', `--seed ${seed}: a seed is a whole number, such as 42`);
  const own = ['duration', 'warmup'].flatMap((path) => (settings.has(path) ? settings.all(path) : []).map((value) => ({ path, value, flag: `--${path} ${value}` })));
  return [
    ...(seed === null ? [] : [{ path: 'seed', value: seed, flag: `--seed ${seed}` }]),
    ...own,
  ];
}

export function repsOverride(reps: number): Override {
  return { path: 'replications', value: String(reps), flag: `--reps ${reps}` };
}

/** `services.cart.replicas=5`, at its first `=`. */
export function pathAndValue(flag: string, text: string): { readonly path: string; readonly value: string } {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new UserError('usage', `${flag} ${text}: write path=value, such as services.cart.replicas=5`);
  return { path: text.slice(0, equals), value: text.slice(equals + 1) };
}

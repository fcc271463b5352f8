/** Flags that change values of a scenario file. */
import type { Override } from '../scenario/override.ts';
import { formatPath, parsePath } from '../scenario/path.ts';
import { didYouMean } from '../scenario/suggest.ts';
import type { Flag } from './command.ts';
import type { Settings } from './settings.ts';
import { UserError } from './user-error.ts';

/** In the order in which they apply: the flags with a name of their own win over `--set`. */
export function overridesOf(settings: Settings): Override[] {
  return [...settings.all('set').map((text) => pathAndValue('--set', text)), ...namedOverridesOf(settings)];
}

/** Of the flags with a name of their own. */
export function namedOverridesOf(settings: Settings): Override[] {
  const seed = settings.text('seed');
  if (seed !== null && !/^\d{1,15}$/.test(seed)) throw new UserError('usage', `--seed ${seed}: a seed is a whole number of at most 15 digits, such as 42`);
  const own = ['duration', 'warmup'].flatMap((path) => (settings.has(path) ? settings.all(path) : []).map((value) => ({ path, value, flag: `--${path} ${value}` })));
  return [
    ...(seed === null ? [] : [{ path: 'seed', value: seed, flag: `--seed ${seed}` }]),
    ...own,
  ];
}

export function repsOverride(reps: number): Override {
  return { path: 'replications', value: String(reps), flag: `--reps ${reps}` };
}

export const POLICY_FLAG: Flag = { name: 'policy', value: 'name', group: 'Input', doc: "call every service by this policy of the file, or none; calls and sources with a policy of their own keep it" };

/** Of `--policy`. @param resolved  the scenario with its defaults; null where it has errors, which are told instead */
export function policyOverrides(settings: Settings, file: string, resolved: unknown): Override[] {
  const value = settings.text('policy');
  if (value === null || resolved === null) return [];
  const { services, policies } = resolved as { readonly services: object; readonly policies: object }; // as every resolved scenario
  const names = [...Object.keys(policies), 'none'];
  if (!names.includes(value)) throw new UserError('usage', `--policy ${value}: ${file} has no policy of that name${suggestion(didYouMean(value, names), names)}`);
  return Object.keys(services).map((service) => ({ path: formatPath(['services', service, 'policy']), value: JSON.stringify(value), flag: `--policy ${value}` }));
}

function suggestion(hint: string | null, names: readonly string[]): string {
  return hint === null ? `; there are ${names.join(', ')}` : `; ${hint}`;
}

/** @throws UserError where two of the paths are the same, or one lies inside another: the values of one of them would never be run */
export function refuseOverlaps(flag: string, paths: readonly string[]): void {
  const parsed = paths.map((path) => parsePath(path));
  for (const [i, path] of parsed.entries()) {
    const j = parsed.findIndex((other, j) => j < i && other !== null && path !== null && other.every((step, at) => at >= path.length || String(step) === String(path[at])));
    if (j < 0) continue;
    if (parsed[j]!.length === path!.length) throw new UserError('usage', `${flag} ${paths[i]}: the path is there twice; give all its values at once`);
    throw new UserError('usage', `${flag} ${paths[i]}: it and ${paths[j]} are there, and one lies inside the other; take one of them`);
  }
}

/** `services.cart.replicas=5`, at its first `=`. */
export function pathAndValue(flag: string, text: string): { readonly path: string; readonly value: string } {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new UserError('usage', `${flag} ${text}: write path=value, such as services.cart.replicas=5`);
  return { path: text.slice(0, equals), value: text.slice(equals + 1) };
}

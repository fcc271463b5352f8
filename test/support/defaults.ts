import type { OptionSpecs, OptionValue, OptionValues } from '../../src/model/kind.ts';

/** The default of every option that has one. */
export function defaultsOf(specs: OptionSpecs): OptionValues {
  const values: Record<string, OptionValue> = {};
  for (const [name, spec] of Object.entries(specs)) {
    if (spec.default !== undefined) values[name] = spec.default;
  }
  return values;
}

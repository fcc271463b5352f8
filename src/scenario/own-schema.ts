/** Names of code that comes with a scenario: a balancer, a retry policy, a wrapper. The file never holds any. */
import { name } from './scalar.ts';
import type { At, OwnNames, Schema } from './schema.ts';
import { didYouMean } from './suggest.ts';

/** What the code is, by the key under which it is passed. */
const NOUNS: Readonly<Record<keyof OwnNames, string>> = {
  balancers: 'the load balancer',
  retries: 'the retry policy',
  wrappers: 'the wrapper',
};

/** A name under which code of this kind was passed. */
export function ownName(kind: keyof OwnNames): Schema<string> {
  const plain = name('a name of code that comes with the scenario', 'ours');
  return {
    ...plain,
    read: (at) => {
      const read = plain.read(at);
      const names = at.context.own?.[kind] ?? [];
      if (!names.includes(read.value) && at.context.problems.isSound(at.path)) {
        at.report('unknown-reference', `${NOUNS[kind]} \`${read.value}\` is code, and no such code came with the scenario`, {
          hint: didYouMean(read.value, names) ?? `pass it: parseScenario(text, { policies: { ${kind}: { ${read.value} } } })`,
          ...(names.length === 0 ? {} : { allowed: names }),
          help: 'docs/own-policies.md; the command line runs no code',
        });
      }
      return read;
    },
  };
}

/** What is read by `schema`, or a map that names code under `own`. */
export function orOwn<T>(schema: Schema<T>, own: Schema<T>): Schema<T> {
  const isOwn = ({ node }: At): boolean => node.kind === 'map' && node.entries.some(({ key }) => key === 'own');
  return {
    ...schema,
    get examples() {
      return schema.examples;
    },
    scope: { noun: schema.noun, keys: [...(schema.scope?.keys ?? []), 'own'], children: () => schema.scope?.children() ?? [] },
    below: (step) => (step === 'own' ? own.below!(step) : (schema.below?.(step) ?? null)),
    read: (at) => (isOwn(at) ? own : schema).read(at),
    json: (defs) => ({ anyOf: [schema.json(defs), own.json(defs)] }),
  };
}

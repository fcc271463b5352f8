import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const { devDependencies, exports, peerDependencies, peerDependenciesMeta } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
};

it('every entry of the package is built, and its types need no library that may not be there', () => {
  for (const name of Object.keys(peerDependencies)) {
    const entry = exports[`./${name}`]!;
    if (typeof entry === 'string') throw new Error(entry);
    expect(existsSync(entry.default)).toBe(true);
    expect(readFileSync(entry.types, 'utf8')).not.toMatch(new RegExp(`from '${name}'`));
    expect(peerDependenciesMeta[name]).toEqual({ optional: true });
    expect(devDependencies[name]).toMatch(/^\d/);
  }
});

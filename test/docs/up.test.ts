import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { API } from '../../src/up/api-doc.ts';

test('docs/up.md lists what the admin API understands, in the words of its help', () => {
  const listed = [...readFileSync('docs/up.md', 'utf8').matchAll(/^\| `([A-Z]+ \/\S*)` \| (.*) \|$/gm)].map(([, operation, doc]) => [operation, doc]);
  expect(listed).toEqual(Object.entries(API));
});

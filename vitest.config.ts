import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import type { Plugin, ViteUserConfig } from 'vitest/config';

const root = dirname(fileURLToPath(import.meta.url));

/** A module of src/ that does not exist yet is taken from test/support/doubles/, as `rootDirs` has it for the compiler. */
const doubles: Plugin = {
  name: 'doubles',
  enforce: 'pre',
  resolveId(source, importer) {
    if (importer === undefined || !source.startsWith('.')) return null;
    const path = resolve(dirname(importer), source);
    const double = join(root, 'test/support/doubles', relative(join(root, 'src'), path));
    return !existsSync(path) && existsSync(double) ? double : null;
  },
};

const config: ViteUserConfig = defineConfig({
  plugins: [doubles],
  test: { include: ['test/**/*.test.ts'], globalSetup: ['test/support/build.ts'] },
});
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default config;

import { type ViteUserConfig, defineConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: { include: ['test/**/*.test.ts'], globalSetup: ['test/support/build.ts'] },
});
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default config;

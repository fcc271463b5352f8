import { type ViteUserConfig, defineConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({
  test: { include: ['test/**/*.test.ts'], globalSetup: ['test/support/build.ts'], testTimeout: 60_000 },
});
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default config;

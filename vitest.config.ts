import { type ViteUserConfig, defineConfig } from 'vitest/config';

/** These measure times. */
const REAL_TIME = ['test/parity/**/*.test.ts'];

/** These replace what a whole process shares: its globals, or methods of the engine. What they leave behind is nobody else's. */
const APART = [
  'test/own/*.test.ts', 'test/docs/own-policies/*.test.ts', 'test/real/{books,clean,faults,recording,settling,stop,wire}.test.ts', 'test/up/up.test.ts', 'test/run/spread-run.test.ts',
  'test/invariant/bad-engine.test.ts', 'test/check/*.test.ts', 'test/testing/{check-policy,own-policies}.test.ts', 'test/theory/mutation.test.ts',
];

const config: ViteUserConfig = defineConfig({
  // What is tested is what is built: threads and commands start from files of it anyway, and Node reads it without anybody's help.
  resolve: { alias: [{ find: /^(?:\.\.\/)+((?:src|sim|scripts)\/.*)\.ts$/, replacement: `${import.meta.dirname}/dist/$1.js` }] },
  test: {
    server: { deps: { external: [/\/dist\//] } },
    forceRerunTriggers: ['**/{src,sim,scripts}/**/*.ts'],
    // Of itself vitest leaves a processor free, which is half of two.
    maxWorkers: '100%',
    globalSetup: ['test/support/build.ts'],
    // A command under test is not the step of a job that runs the tests.
    env: { GITHUB_ACTIONS: '', GITLAB_CI: '' },
    projects: [
      { extends: true, test: { name: 'apart', include: APART, exclude: REAL_TIME, testTimeout: 60_000, sequence: { groupOrder: 0 } } },
      { extends: true, test: { name: 'all', include: ['test/**/*.test.ts'], exclude: [...APART, ...REAL_TIME], testTimeout: 60_000, isolate: false, sequence: { groupOrder: 0 } } },
      // It comes when nothing else runs.
      { extends: true, test: { name: 'parity', include: REAL_TIME, testTimeout: 60_000, fileParallelism: false, sequence: { groupOrder: 1 } } },
    ],
  },
});
// biome-ignore lint/style/noDefaultExport: vitest reads the default export
export default config;

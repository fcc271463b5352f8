/** Who may import whom, which package has which home, and what the pure folders must not touch. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** ARCHITECTURE.md draws these arrows; a new one is a decision and goes there too. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  model: [],
  random: ['model'],
  stats: ['model'],
  engine: ['model', 'random'],
  fault: ['model', 'random'],
  traffic: ['model', 'random'],
  service: ['model', 'random', 'stats', 'fault'],
  result: ['model', 'stats', 'engine', 'service'],
  world: ['model', 'random', 'engine', 'fault', 'traffic', 'service', 'result'],
  sim: ['model', 'random', 'engine', 'world'],
  http: ['model'],
  trace: ['model', 'random', 'stats', 'engine', 'service', 'result'],
  real: ['model', 'random', 'engine', 'fault', 'traffic', 'stats', 'service', 'result', 'world', 'http'],
  record: ['model', 'engine'],
  invariant: ['model', 'stats', 'engine', 'fault', 'service', 'result'],
  own: ['model', 'random', 'engine'],
  scenario: ['model', 'random', 'engine', 'traffic'],
  compare: ['model', 'stats', 'result'],
  verify: ['model', 'stats', 'result'],
  search: ['model', 'random', 'stats', 'result', 'sweep'],
  probe: ['model', 'search'],
  check: ['model', 'random', 'engine', 'result', 'scenario'],
  sweep: ['stats', 'result'],
  'fault-sweep': ['model', 'result', 'scenario'],
  report: ['model', 'result', 'stats', 'compare', 'verify', 'probe', 'search', 'sweep', 'check', 'fault-sweep'],
  run: ['model', 'random', 'engine', 'service', 'record', 'own', 'invariant', 'scenario', 'world', 'sim', 'real', 'result', 'trace', 'compare', 'verify', 'search', 'check', 'stats', 'traffic', 'fault-sweep'],
  testing: ['model', 'scenario', 'invariant', 'check', 'own', 'run', 'fault-sweep'],
  playground: ['engine', 'model', 'scenario', 'result', 'run', 'report', 'http'],
  up: ['model', 'engine', 'fault', 'traffic', 'stats', 'scenario', 'result', 'run', 'http'],
  cli: ['model', 'scenario', 'record', 'result', 'compare', 'verify', 'probe', 'search', 'sweep', 'fault-sweep', 'report', 'invariant', 'check', 'run', 'playground', 'up'],
};

/** Who reads and who generates scenarios see descriptions of options, never code that decides. */
const DESCRIPTIONS = /(-options|kinds|-kinds|\/condition|\/mean|\/request-class)\.ts$/;

/** Every package from one place. */
const HOME: Readonly<Record<string, readonly string[]>> = {
  yaml: ['scenario', 'report'],
  'fastest-levenshtein': ['scenario'],
  commander: ['cli'],
  // Generates cases: for the command, and for tests that users write.
  'fast-check': ['check', 'testing', 'src'],
  picocolors: ['cli', 'report'],
  '@faker-js/faker': ['traffic'],
  'simple-statistics': ['stats'],
  undici: ['real'],
  valibot: ['result', 'compare'],
  'csv-stringify': ['report'],
  xmlbuilder2: ['report'],
};

const PURE = ['model', 'random', 'stats', 'engine', 'service', 'traffic', 'fault', 'world', 'sim', 'trace', 'invariant', 'compare', 'probe', 'search', 'sweep', 'check', 'fault-sweep'];

const WORLDS = ['sim', 'real'];

/** Each with the reason it is banned. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\bDate\b|\bperformance\b/, 'a clock: time is an argument'],
  [/\bMath\.random\b/, 'chance without a seed'],
  [/\bMath\.(exp|expm1|log|log2|log10|log1p|pow|sin|cos|tan|atan|cbrt|hypot)\b/, 'its last bit differs between engines: model/math.ts'],
  [/\basync\b|\bawait\b|\bPromise\b|\bsetTimeout\b|\bsetImmediate\b/, 'work that somebody else schedules'],
  [/\bprocess\.|\bconsole\.|\bfetch\(/, 'the outside'],
];

/** Load faker when a file has templates, at plan time; see the files. */
const LOAD_A_PACKAGE = ['src/traffic/faker.ts', 'src/traffic/request-class.ts'];

/** Where the product begins: the libraries, the command, the thread of a run, and what browser code (`web/`) begins with. */
const ROOTS = ['src/index.ts', 'src/testing.ts', 'src/cockatiel.ts', 'src/opossum.ts', 'src/cli/main.ts', 'src/run/worker.ts', 'src/run/part-worker.ts', 'src/playground/simulation.ts', 'src/playground/view.ts'];

/** Pieces that stand and are tested, and that no run reaches yet: what each waits for. A line goes when it is wired. */
const AWAITS: Readonly<Record<string, string>> = {
  'src/engine/admission/identity-rate-limit.ts': 'limits of the called side (`inbound.rateLimit`)',
  'src/engine/classify.ts': 'answers with a gRPC status',
  'src/engine/locality/previous-priorities.ts': 'retries that choose their priority (`locality.previousPriorities`)',
  'src/engine/reply.ts': 'results that tell response flags',
  'src/engine/retry/adaptive-rate.ts': 'a wait before an attempt, as AWS SDKs have it in adaptive mode',
  'src/engine/retry/envoy-words.ts': 'importing Envoy configuration',
  'src/engine/retry/pushback.ts': 'answers with headers (`retries.respectRetryAfter`)',
  'src/engine/retry/reset-header.ts': 'answers with headers (`retries.respectRetryAfter`)',
  'src/engine/stream-timeouts.ts': 'answers that come frame by frame',
  'src/scenario/import/linkerd-annotations.ts': 'importing Linkerd configuration',
};

interface Source {
  readonly path: string;
  readonly folder: string;
  /** Without comments and texts. */
  readonly code: string;
  readonly imports: readonly string[];
}

const sources: readonly Source[] = ['src', 'sim'].flatMap((root) =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => read(root, name)),
);

describe('imports', () => {
  test.each(sources.filter(({ folder }) => folder !== 'src').map((source) => [source.path, source] as const))('%s goes only where it may', (_, source) => {
    const allowed = MAY_IMPORT[source.folder];
    expect(allowed, `src/${source.folder} is a new folder: say in this test whom it may import`).toBeDefined();
    for (const target of source.imports.filter((name) => name.startsWith('.'))) {
      const to = folderOf(resolve(source.path, target));
      if (to === source.folder) continue;
      expect(allowed, `${source.path} imports ${target}`).toContain(to);
      if ((source.folder === 'scenario' && to !== 'model') || (source.folder === 'check' && to === 'engine')) expect(target).toMatch(DESCRIPTIONS);
    }
  });

  test('only run/worlds.ts names a world', () => {
    const naming = sources.filter(({ folder, path, imports }) => !WORLDS.includes(folder) && imports.some((name) => name.startsWith('.') && WORLDS.includes(folderOf(resolve(path, name)))));
    expect(naming.map(({ path }) => path)).toEqual(['src/run/worlds.ts']);
  });

  test('every package is imported from its home', () => {
    for (const { path, folder, imports } of sources) {
      for (const name of imports.filter((target) => !target.startsWith('.') && !target.startsWith('node:'))) {
        const pkg = name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/');
        expect(HOME[pkg], `${path} imports ${pkg}`).toContain(folder);
      }
    }
  });

  test('every file is part of the product, or says what it waits for', () => {
    const byPath = new Map(sources.map((source) => [source.path, source]));
    const reached = new Set(ROOTS);
    for (const path of reached) for (const name of byPath.get(path)!.imports) if (name.startsWith('.')) reached.add(resolve(path, name));
    expect(sources.map(({ path }) => path).filter((path) => !reached.has(path)).sort()).toEqual(Object.keys(AWAITS).sort());
  });

  test('a report takes of us into the browser only what reports are made of', () => {
    const allowed = /^src\/report\/(?:format\.ts|html\/(?:chart|packed|page-data)\.ts)$/;
    const reached = new Set(['web/report.ts']);
    for (const path of reached) {
      for (const target of read('web', path.slice('web/'.length)).imports.filter((name) => name.startsWith('.'))) {
        const to = resolve(path, target);
        if (to.startsWith('web/')) reached.add(to);
        else expect(to, path).toMatch(allowed);
      }
    }
    expect(reached.size).toBeGreaterThan(5);
  });

  test('every dependency is used', () => {
    const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly dependencies: Record<string, string> };
    expect(Object.keys(dependencies).sort()).toEqual(Object.keys(HOME).sort());
  });
});

describe('the pure folders', () => {
  const pure = sources.filter(({ folder }) => PURE.includes(folder));

  test.each(pure.map((source) => [source.path, source] as const))('%s touches nothing outside its arguments', (_, { path, code, imports }) => {
    if (LOAD_A_PACKAGE.includes(path)) return;
    for (const [pattern, reason] of BANNED) expect(code.match(pattern)?.[0], reason).toBeUndefined();
    expect(imports.filter((name) => name.startsWith('node:'))).toEqual([]);
  });

  test('there are some', () => expect(pure.length).toBeGreaterThan(40));
});

function read(root: string, name: string): Source {
  const path = `${root}/${name}`;
  const text = readFileSync(path, 'utf8');
  const imports = [...text.matchAll(/(?:from\s+|import\()'([^']+)'/g)].map((match) => match[1]!);
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '').replace(/'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''");
  return { path, folder: folderOf(path), code, imports };
}

function folderOf(path: string): string {
  const [root, folder] = path.split('/');
  return root === 'sim' ? 'sim' : folder!.endsWith('.ts') ? 'src' : folder!;
}

function resolve(from: string, target: string): string {
  return new URL(target, `file:///${from}`).pathname.slice(1);
}

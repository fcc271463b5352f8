/**
 * `npm run test:examples`: the package as users get it. Packs the tarball, looks at what is in it, installs it beside the dev dependencies of
 * each project in `examples/` into an empty folder elsewhere, type-checks the project with each way of resolving modules that
 * the package promises, runs its tests, and runs the commands of the README from there.
 *
 * Packages come from npm's cache where it has them (`--prefer-offline`), else from the registry.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readmeCommands } from './readme-commands.ts';
import { pack, problemsOf } from './tarball.ts';

/** With `module` as each needs it. */
const RESOLUTIONS: Readonly<Record<string, string>> = { node16: 'node16', nodenext: 'nodenext', bundler: 'preserve' };
/** What a command of the README may answer: some scenarios are there to fail, and a search finds out what a file does not stand. */
const README_CODES: Readonly<Record<string, readonly number[]>> = { run: [0, 99], check: [0, 4, 99] };

const folder = mkdtempSync(join(tmpdir(), 'meshsim-package-'));
try {
  main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function main(): void {
  const tarball = pack(folder);
  say(`${tarball.files.length} files, ${kilobytes(tarball.packedBytes)} packed, ${kilobytes(tarball.unpackedBytes)} unpacked`);
  for (const name of readdirSync('examples')) if (statSync(join('examples', name, 'package.json'), { throwIfNoEntry: false })?.isFile()) tryExample(name, tarball.path);
  const installed = join(folder, 'vitest', 'node_modules', 'meshsim');
  const problems = problemsOf(tarball, installed);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  tryCommands(join(folder, 'vitest'), installed);
}

function tryExample(name: string, tarball: string): void {
  const project = join(folder, name);
  mkdirSync(project);
  cpSync(join('examples', name), project, { recursive: true, filter: (path) => !path.includes('node_modules') });
  run(project, 'npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error', tarball]);
  for (const [resolution, module] of Object.entries(RESOLUTIONS)) {
    run(project, 'npx', ['--no-install', 'tsc', '--noEmit', '--module', module, '--moduleResolution', resolution]);
  }
  say(`${name}: installed; its types hold with ${Object.keys(RESOLUTIONS).join(', ')}`);
  run(project, 'npm', ['test', '--silent']);
}

/** In a folder where the package's own files lie, as the README assumes. */
function tryCommands(project: string, installed: string): void {
  for (const shipped of ['scenarios', 'examples']) cpSync(join(installed, shipped), join(project, shipped), { recursive: true });
  const commands = readmeCommands(join(installed, 'README.md'));
  for (const words of commands) {
    const code = codeOf(project, ['--no-install', 'meshsim', ...words]);
    if (README_CODES[words[0]!]?.includes(code) !== true) throw new Error(`the README says \`npx meshsim ${words.join(' ')}\`, which ends with ${code}`);
  }
  say(`README: ${commands.length} commands run from the package`);
}

function codeOf(cwd: string, words: readonly string[]): number {
  try {
    execFileSync('npx', words, { cwd, stdio: 'ignore' });
    return 0;
  } catch (error) {
    return error instanceof Error && 'status' in error ? Number(error.status) : 1;
  }
}

/** Its output is for the person. */
function run(cwd: string, program: string, words: readonly string[]): void {
  try {
    execFileSync(program, words, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
  } catch {
    throw new Error(`${program} ${words.join(' ')} failed`);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function kilobytes(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}

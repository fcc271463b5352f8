/** Another release of Node: the npm package `node`, whose versions are the releases as binaries. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Runtime {
  /** What `node --version` says. */
  readonly version: string;
  readonly binary: string;
}

/**
 * Installed in a folder of its own below the given one.
 * @throws CannotInstall
 */
export function installNode(major: string, folder: string): Runtime {
  const home = join(folder, major);
  const binary = join(home, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  try {
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'package.json'), '{ "private": true }\n');
    process.stderr.write(`installing node@${major}\n`);
    execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retries=1', `node@${major}`], { cwd: home, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
    const version = execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim();
    return { version, binary };
  } catch (error) {
    throw new CannotInstall(major, error);
  }
}

export class CannotInstall extends Error {
  constructor(major: string, cause: unknown) {
    const said = String((cause as { readonly stderr?: unknown }).stderr ?? cause).trim().split('\n').slice(-3).join('\n  ');
    super(`Node ${major} could not be installed with npm, so nothing was compared.\nThis needs the registry that npm is set up for; offline, name the majors you can get: npm run test:nodes -- 22\n  ${said}`, { cause });
  }
}

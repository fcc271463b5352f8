/**
 * Makes `npx meshsim` work inside a clone: npm links the commands of dependencies, not the package's own.
 * Runs at the end of `npm ci`.
 */
import { chmodSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';

const command = 'dist/src/cli/main.js';
chmodSync(command, 0o755);
mkdirSync('node_modules/.bin', { recursive: true });
rmSync('node_modules/.bin/meshsim', { force: true });
symlinkSync(`../../${command}`, 'node_modules/.bin/meshsim');

#!/usr/bin/env node
import { dispatch } from './dispatch.ts';
import { nodeShell } from './shell.ts';

// Not process.exit: what is written to a pipe would be cut off.
process.exitCode = await dispatch(process.argv.slice(2), nodeShell());

/**
 * Everything a command knows of the process around it. Commands touch neither `process` nor streams,
 * so a test runs them with strings.
 */
import type { Pool, PoolOptions } from '../run/pool.ts';
import type { Task, Want } from '../run/task.ts';
import { reasonOf } from '../model/system-error.ts';
import { UserError } from './user-error.ts';

export interface Shell {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The result, and nothing else. */
  readonly stdout: Output;
  /** Progress, problems, notes. */
  readonly stderr: Output;
  readStdin(): Promise<Uint8Array>;
  /** Milliseconds from any origin. */
  now(): number;
  /** Whole seconds since 1970, for logs of others that ask for them; no result depends on it. */
  epochSeconds(): number;
  /** Calls `hear` for each SIGINT and SIGTERM until the returned function is called. */
  onSignal(hear: (signal: Signal) => void): () => void;
  /** Ends the process without waiting for anything. */
  leave(code: number): void;
  runMany<W extends Want>(tasks: Iterable<Task<W> | null>, options: PoolOptions): Promise<Pool<W>>;
}

export interface Output {
  readonly isTTY: boolean;
  /** Of the terminal; undefined when there is none. */
  readonly columns: number | undefined;
  write(text: string): void;
  /** Waits until all is written. Rejects with a `UserError` when it could not be, but not for a reader who left. */
  flush(): Promise<void>;
}

export type Signal = 'SIGINT' | 'SIGTERM';

export function nodeShell(): Shell {
  return {
    env: process.env,
    stdout: outputOf(process.stdout, 'standard output'),
    stderr: outputOf(process.stderr, 'standard error'),
    readStdin,
    now: () => performance.now(),
    epochSeconds: () => Math.floor(Date.now() / 1000),
    onSignal(hear) {
      process.on('SIGINT', hear).on('SIGTERM', hear);
      return () => process.off('SIGINT', hear).off('SIGTERM', hear);
    },
    leave: (code) => process.exit(code),
    // Loaded only by a command that runs something: start-up time is felt at every `--help`.
    runMany: async (tasks, options) => (await import('../run/pool.ts')).runMany(tasks, options),
  };
}

function outputOf(stream: NodeJS.WriteStream, name: string): Output {
  let failure: unknown = null;
  stream.on('error', (error) => {
    failure ??= error;
  });
  return {
    isTTY: stream.isTTY === true,
    get columns() {
      return stream.columns;
    },
    write(text) {
      if (failure === null) stream.write(text);
    },
    async flush() {
      if (failure === null) await new Promise<void>((resolve) => stream.write('', () => resolve()));
      if (failure === null || isClosedPipe(failure)) return;
      throw new UserError('output', `cannot write to ${name}: ${reasonOf(failure)}`, failure);
    },
  };
}

/** `meshsim run … | head -1`: the reader has seen enough, which is no failure. */
function isClosedPipe(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED');
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer); // no encoding is set, so chunks are buffers
  return Buffer.concat(chunks);
}

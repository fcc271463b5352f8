/** `meshsim up` as a process of its own, called over its sockets. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type IncomingHttpHeaders, request } from 'node:http';

const MAIN = 'dist/src/cli/main.js';
const PATIENCE_MS = 20_000;

export interface UpProcess {
  readonly child: ChildProcess;
  readonly admin: string;
  /** By service. */
  readonly urls: Readonly<Record<string, string>>;
  /** Send the signal, and wait for the end. */
  readonly end: (signal: 'SIGINT' | 'SIGTERM') => Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Resolves when it is up. */
export async function up(words: readonly string[]): Promise<UpProcess> {
  const child = spawn(process.execPath, [MAIN, 'up', ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      // The last line of what it says first.
      if (out.includes('  a fault ')) resolve();
    });
    void ended.then(({ code }) => reject(new Error(`ended with ${code}: ${err}`)));
  });
  const urls = Object.fromEntries([...out.matchAll(/^ {2}(\S+) +(http:\/\/127\.0\.0\.1:\d+)/gm)].map(([, name, url]) => [name!, url!]));
  const end: UpProcess['end'] = (signal) => {
    child.kill(signal);
    return ended;
  };
  return { child, admin: urls['admin']!, urls, end };
}

/** One that ends of itself. */
export async function upInVain(words: readonly string[]): Promise<Ended> {
  const started = await up(words).catch((error: Error) => error.message);
  if (typeof started !== 'string') throw new Error('it is up');
  const [, code = '', err = ''] = /^ended with (\d+): (.*)$/s.exec(started) ?? [];
  return { code: Number(code), out: '', err };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asking {
  readonly method?: string;
  /** Any, also such as a browser would not let a page set. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Each on a connection of its own. Rejects with what the system says. */
export function ask(url: string, { body, headers = {}, method = 'GET' }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers: { connection: 'close', ...headers }, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

export async function askJson<T>(url: string, asking: Asking = {}): Promise<T> {
  const { status, text } = await ask(url, asking);
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return JSON.parse(text) as T;
}

export function posting(body: string, type = 'application/json'): Asking {
  return { method: 'POST', headers: { 'content-type': type }, body };
}

/** Asks again and again until it is so, however slow the machine. */
export async function until<T>(look: () => Promise<T>, isSo: (value: T) => boolean): Promise<T> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const value = await look();
    if (isSo(value)) return value;
    if (performance.now() > untilMs) throw new Error(`it never came to be so: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** HAProxy before the endpoints, one thread, in turn; null where it is not installed. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

export interface Proxy {
  readonly port: number;
  readonly process: ChildProcess;
}

export async function startHaproxy(ports: readonly number[]): Promise<Proxy | null> {
  if (spawnSync('haproxy', ['-v']).status !== 0) return null;
  const port = await freePort();
  const file = join(mkdtempSync(join(tmpdir(), 'meshsim-bench-')), 'haproxy.cfg');
  writeFileSync(file, `global
  nbthread 1
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
  http-reuse always
frontend in
  bind 127.0.0.1:${port}
  default_backend out
backend out
  balance roundrobin
${ports.map((to, i) => `  server s${i} 127.0.0.1:${to}`).join('\n')}
`);
  const haproxy = spawn('haproxy', ['-f', file, '-db', '-q'], { stdio: ['ignore', 'ignore', 'inherit'] });
  await once(haproxy, 'spawn');
  return { port, process: haproxy };
}

async function freePort(): Promise<number> {
  const server = createServer().listen({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
